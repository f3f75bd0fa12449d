import * as z from "zod/mini";
import {
  type Answer,
  agrees,
  type Expectation,
  expectationOf,
  judgeAnswers,
  publicResolvers,
  trafficWaitSeconds,
} from "./core/dns.ts";
import { RunInput } from "./core/inputs.ts";
import type { Plan, TrafficRecord } from "./core/plan.ts";
import { askAll, askZones, resolveAll } from "./runtime/ask-dns.ts";
import type { Context } from "./runtime/context.ts";
import { goodAnswersInARow } from "./runtime/in-a-row.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Changed = z.object({ name: z.string(), type: z.string(), after: z.array(z.string()) });
const Input = z.object({
  run: RunInput,
  reroute: z.object({ value: z.object({ changes: z.array(Changed) }) }),
  traffic: z.optional(z.object({ value: z.object({ polls: z.number(), since: z.string() }) })),
});
type TrafficInput = z.infer<typeof Input>;

export type TrafficResult = {
  done: boolean;
  polls: number;
  waitSeconds: number;
  /** When everything was good for the first time; ISO 8601. */
  servedAt: string | null;
  answers: { server: string; name: string; values: string[] }[];
  because: string;
  /** First poll, ISO 8601. */
  since: string;
};

/** One look at what users get: the zone's name servers, two public resolvers, then the probe's URL through the new answer. */
export const verifyTraffic = async (input: TrafficInput, context: Context): Promise<TrafficResult> => {
  const { run } = input;
  const plan = await context.store.plan(run.application, run.planVersion);
  const since = input.traffic ? new Date(input.traffic.value.since) : context.now();
  const records = plan.traffic?.records ?? [];
  const look = records.length > 0 ? await lookAt(input, context, plan, records) : nothingToMove(context);

  const done = look.servedAt !== null;
  const result: TrafficResult = {
    done,
    polls: (input.traffic?.value.polls ?? 0) + 1,
    waitSeconds: trafficWaitSeconds(records, (context.now().getTime() - since.getTime()) / 1_000),
    servedAt: look.servedAt?.toISOString() ?? null,
    answers: look.answers.map(({ server, name, values }) => ({ server, name, values: values ?? [] })),
    because: look.because,
    since: since.toISOString(),
  };
  if (done) await recordStep(context, run, "VerifyTraffic", "", since, "Served", result);
  return result;
};

export const handler = step("verify-traffic", Input, verifyTraffic);

type Look = { servedAt: Date | null; because: string; answers: Answer[] };

const nothingToMove = ({ now }: Context): Look => ({
  servedAt: now(),
  because: "the plan moves no traffic",
  answers: [],
});

const lookAt = async (input: TrafficInput, context: Context, plan: Plan, records: TrafficRecord[]): Promise<Look> => {
  const [expectations, zone, resolvers] = await Promise.all([
    expectationsOf(input, context, plan, records),
    askZones(context, records),
    askAll(context, records, () => publicResolvers),
  ]);
  const answers = [...zone, ...resolvers];
  const decision = judgeAnswers(expectations, zone, resolvers);
  if (decision.action === "wait") return { servedAt: null, because: decision.because, answers };
  const dnsAt = context.now();

  const told = [decision.because, ...decision.notes];
  let servedAt = dnsAt;
  for (const url of probesOf(plan, records)) {
    const served = await goodAnswersInARow(context, url, connectsOf(url, expectations, zone));
    if (!served.servedAt) return { servedAt: null, because: served.because, answers };
    if (served.servedAt > servedAt) servedAt = served.servedAt;
    told.push(served.because);
  }
  return { servedAt, because: told.join("; "), answers };
};

const expectationsOf = async (
  { run, reroute }: TrafficInput,
  context: Context,
  plan: Plan,
  records: TrafficRecord[],
): Promise<Expectation[]> => {
  const side = run.target === plan.regions.recovery ? "recovery" : "primary";
  const launched = Object.fromEntries(reroute.value.changes.map(({ name, type, after }) => [`${name} ${type}`, after]));
  const values = records.flatMap(({ type, primary, recovery }) => [
    { type, value: primary },
    { type, value: recovery },
  ]);
  const aliases = values.flatMap(({ type, value }) => ("alias" in value ? [{ name: value.alias.name, type }] : []));
  const resolved = await resolveAll(context, aliases);
  return records.map((record) => expectationOf(record, side, resolved, launched));
};

/** URLs of probe witnesses whose host is a switched record. */
const probesOf = ({ detect }: Plan, records: TrafficRecord[]) => {
  const urls = detect.witnesses.flatMap((witness) => (witness.kind === "probe" ? [witness.url] : []));
  return [...new Set(urls)].filter((url) => records.some(({ name }) => name === hostOf(url)));
};

const hostOf = (url: string) => new URL(url).hostname;

/** The new answers for a URL's host, as the zone gives them. */
const connectsOf = (url: string, expectations: Expectation[], zone: Answer[]) => {
  const host = hostOf(url);
  const good = zone.filter(
    (answer) =>
      answer.name === host &&
      expectations.some((one) => one.name === host && one.type === answer.type && agrees(one, answer.values ?? [])),
  );
  return [...new Set(good.flatMap(({ values }) => values ?? []))].sort();
};
