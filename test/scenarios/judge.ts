import { answersNow } from "../../simulator/dns/dns.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import { messagesOf } from "../../simulator/services/sns.ts";
import type { Decision, Story } from "../../simulator/story/played-story.ts";
import { outcomeOf, resultOf } from "../../simulator/story/result.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import type { Directory, ExpectedOfApplication } from "./directory.ts";

/** What a story did otherwise than the directory expects, a sentence each; broken invariants first. */
export const differences = (story: Story, { expected }: Pick<Directory, "expected">): string[] => {
  const own = { plan: story.plan, decisions: story.decisions };
  const result = resultOf(story);
  const { calls, messages, dropped, applications, traffic, outcome, tally, once, first, answers } = expected;
  const broken = result.invariants
    .filter(({ held }) => !held)
    .map(({ name, detail }) => `invariant ${name}: ${detail}`);
  return [
    ...broken,
    ...differs("outcome", outcome, result.outcome),
    ...ofApplication(story, own, expected),
    ...(first ? differs("first decision", first, story.decisions[0]?.code) : []),
    ...(answers ? differs("answers", answers, answersOf(story)) : []),
    ...(traffic ? differs("traffic", traffic, servedFrom(story)) : []),
    ...calls.must
      .filter((call) => asked(story, call).every(({ outcome }) => outcome !== "ok"))
      .map((call) => `no ${call}`),
    ...calls.never.filter((call) => asked(story, call).length > 0).map((call) => `there was ${call}`),
    ...unsaid(story, messages),
    ...once.flatMap((text) =>
      differs(`messages with ${text}`, 1, said(story).filter((one) => one.includes(text)).length),
    ),
    ...differs("dropped", dropped, droppedOf(story)),
    ...Object.entries(applications).flatMap(([name, one]) => {
      const other = story.others.find(({ plan }) => plan.application === name);
      return other ? ofApplication(story, other, one) : [`there is no application ${name}`];
    }),
    ...Object.entries(tally).flatMap(([action, { min, max }]) => {
      const count = [own, ...story.others].filter(({ decisions }) =>
        decisions.some((one) => one.action === action),
      ).length;
      return count < min || count > max ? [`${count} applications had ${action}, expected ${min} to ${max}`] : [];
    }),
  ];
};

const differs = (what: string, expected: unknown, got: unknown) => {
  const [wanted, found] = [JSON.stringify(expected), JSON.stringify(got)];
  return wanted === found ? [] : [`${what}: expected ${wanted} (got ${found})`];
};

type Played = Story["others"][number];

const ofApplication = (story: Story, { plan, decisions: made }: Played, expected: ExpectedOfApplication): string[] => {
  const { application, regions } = plan;
  const { row } = stateOf(story.world, regions.recovery, application);
  const side =
    row?.active === regions.primary ? "primary" : row?.active === regions.recovery ? "recovery" : row?.active;
  const { decisions, never = [], runs, phase, active } = expected;
  const settled = sinceHealthy(made);
  const of = plan === story.plan ? "" : ` of ${application}`;
  return [
    ...(decisions ? differs(`decisions${of}`, decisions, told(settled, decisions)) : []),
    ...never.filter((code) => settled.some((one) => one.code === code)).map((code) => `there was ${code}${of}`),
    ...(runs ? differs(`runs${of}`, runs, runsOf(story, application, runs)) : []),
    ...(phase ? differs(`phase${of}`, phase, row?.phase) : []),
    ...(active ? differs(`active${of}`, active, side) : []),
  ];
};

const sinceHealthy = (decisions: Decision[]) => {
  const first = decisions.findIndex(({ code }) => code === "Healthy");
  return decisions.slice(first + 1);
};

/** What people or machines were asked for, and the holds that the expectation names; a hold that goes on once. */
const told = (decisions: Decision[], expected: { code: string }[]) => {
  const named = new Set(expected.map(({ code }) => code));
  return decisions
    .filter(({ action, code }) => ["act", "ask", "notify"].includes(action) || named.has(code))
    .map(({ action, code }) => ({ action, code }))
    .filter((one, index, all) => one.action !== "hold" || one.code !== all[index - 1]?.code);
};

/** Failovers of an application in order; executions that only bring an answer to a question are none. */
const runsOf = ({ executions }: Story, name: string, expected: { error?: string | undefined }[]) =>
  executions
    .filter(({ machine, input }) => machine === "failover" && (input as { application?: string }).application === name)
    .filter((run) => !isAnswer(run))
    .map((run, index) => ({
      outcome: outcomeOf(run),
      ...(expected[index]?.error !== undefined && { error: run.error }),
    }));

const isAnswer = ({ invocations }: Story["executions"][number]) => invocations.some(({ state }) => state === "Answer");

const answersOf = ({ executions }: Story) => executions.filter(isAnswer).map(outcomeOf);

/** Which side every record of the plan answers with. */
const servedFrom = ({ world, plan }: Story) => {
  const sides = plan.traffic!.records.map(({ name, type, primary, recovery }) => {
    const now = answersNow(world, name, type);
    const is = (value: object) =>
      "addresses" in value && String([...(value.addresses as string[])].sort()) === String(now);
    return is(primary) ? "primary" : is(recovery) ? "recovery" : now.join();
  });
  return [...new Set(sides)].join(" and ");
};

const grammar =
  /^(?:(?<step>\w+): )?(?<service>[\w ]+)\.(?<operation>\w+)(?: in (?<region>[\w-]+))?(?: after (?<minutes>\d+)m)?$/;

/** Calls that answer to `[STEP: ]SERVICE.OPERATION[ in REGION][ after 20m]`. */
const asked = ({ world, plan, zeroAt }: Story, text: string): CallRecord[] => {
  const wanted = grammar.exec(text)?.groups;
  if (!wanted) throw new Error(`${text} is not [STEP: ]SERVICE.OPERATION[ in REGION][ after 20m]`);
  const { step, service, operation, minutes } = wanted;
  const regions: Record<string, string> = plan.regions;
  const region = wanted.region && (regions[wanted.region] ?? wanted.region);
  const from = minutes === undefined ? 0 : zeroAt + Number(minutes) * 60_000;
  return world.journal.filter(
    (call) =>
      call.service === service &&
      call.operation === operation &&
      (step === undefined || call.step === step) &&
      (region === undefined || call.region === region) &&
      Date.parse(call.at) >= from,
  );
};

/** Texts that no message after the one before has. */
const unsaid = (story: Story, texts: string[]) => {
  let from = 0;
  return texts.flatMap((text) => {
    const at = said(story).findIndex((one, index) => index >= from && one.includes(text));
    if (at < 0) return [`no message with ${JSON.stringify(text)} after the ${from} before it`];
    from = at;
    return [];
  });
};

const said = ({ world }: Story) => messagesOf(world).map(({ subject, message }) => `${subject}\n${message}`);

const droppedOf = ({ environment }: Story) =>
  environment.metrics.filter(({ name }) => name === "DroppedEvents").map(({ dimensions }) => dimensions.Reason);
