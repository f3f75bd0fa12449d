import * as z from "zod/mini";
import { tryRight } from "./aws/calls/try-right.ts";
import { isInSync } from "./aws/route-53.ts";
import { managedAmong, tryShell } from "./aws/ssm.ts";
import type { Plan, TrafficRecord } from "./core/model/plan.ts";
import { withinPayload } from "./core/payload.ts";
import { noServer } from "./core/readiness/proof.ts";
import { ChangedInput, RunInput } from "./core/run/machine-state.ts";
import { hostOf, probesOf } from "./core/traffic/canary.ts";
import {
  agrees,
  type DnsReply,
  type Expectation,
  expectationOf,
  judgeAnswers,
  mergeObserved,
  type ObservedAddresses,
  observedInReplies,
  plainValue,
  publicResolvers,
  trafficWaitSeconds,
} from "./core/traffic/dns.ts";
import type { PrivateHow } from "./core/traffic/private-dns.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { goodProbe } from "./runtime/probe-url.ts";
import { step } from "./runtime/step.ts";
import { askAll, askZones, resolveAll } from "./traffic/ask-dns.ts";
import { type ChangesMade, changesMade } from "./traffic/move-records.ts";
import { type LookupCommand, pollPrivateZones } from "./traffic/verify-private.ts";

const Input = z.object({
  run: RunInput,
  reroute: z.object({
    value: z.object({
      at: z.string(),
      /** Long lists and maps are in the ledger only. */
      changes: z.optional(z.array(ChangedInput)),
      changeIds: z.optional(z.record(z.string(), z.string())),
    }),
  }),
  traffic: z.optional(
    z.object({
      value: z.object({
        polls: z.number(),
        since: z.string(),
        asked: z.nullable(z.object({ instance: z.string(), command: z.string() })),
        seen: z.optional(z.record(z.string(), z.array(z.string()))),
      }),
    }),
  ),
});
type Given = z.infer<typeof Input>;
type TrafficInput = Given & { reroute: { value: ChangesMade } };

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
  /** The command that resolves private names in the VPC, and how those were verified; null = not (yet). */
  asked: LookupCommand;
  privately: PrivateHow | null;
  /** Addresses of load balancers that the polls so far have seen. */
  seen: ObservedAddresses;
};

/**
 * One poll of what users get: the zone's name servers, two public resolvers, then the probe's URL through the new answer.
 * Private zones are polled from inside the VPC, or by the status of Route 53; the result says which.
 */
export const verifyTraffic = async (given: Given, context: Context): Promise<TrafficResult> => {
  const { run } = given;
  const { changes, changeIds } = given.reroute.value;
  const made = changes && changeIds ? { changes, changeIds } : await changesMade(context, run);
  const input: TrafficInput = { ...given, reroute: { value: { ...given.reroute.value, ...made } } };
  const plan = await context.store.plan(run.application, run.planVersion);
  const since = input.traffic ? new Date(input.traffic.value.since) : context.now();
  const records = plan.traffic?.records ?? [];
  const open = records.filter((record) => !record.private);
  const [aliases, zone, resolvers] = await Promise.all([
    resolveAliases(context, records),
    askZones(context, open),
    askAll(context, open, () => publicResolvers),
  ]);
  const seen = observedInReplies(open, mergeObserved(input.traffic?.value.seen ?? {}, aliases), zone);
  const expectations = expectationsOf(input, records, seen);
  const openOnes = expectations.filter((_, index) => !records[index]?.private);
  const poll =
    open.length > 0
      ? await pollPublic(context, plan, open, openOnes, { zone, resolvers })
      : nothingOpen(context, records);
  const hidden = records.length > open.length ? await pollPrivate(input, context, records, expectations) : null;

  const servedAt = hidden && !hidden.done ? null : poll.servedAt;
  const result: TrafficResult = {
    done: servedAt !== null,
    polls: (input.traffic?.value.polls ?? 0) + 1,
    waitSeconds: trafficWaitSeconds(records, (context.now().getTime() - since.getTime()) / 1_000),
    servedAt: servedAt?.toISOString() ?? null,
    answers: poll.answers.map(({ server, name, values }) => ({ server, name, values: values ?? [] })),
    because: [poll.because, hidden?.because ?? ""].filter(Boolean).join("; "),
    since: since.toISOString(),
    asked: hidden?.asked ?? null,
    privately: hidden?.done ? hidden.how : null,
    seen,
  };
  if (result.done)
    await recordStep(context, run, { state: "VerifyTraffic", startedAt: since, outcome: "Served", detail: result });
  return result;
};

export const handler = step("verify-traffic", Input, withinPayload(verifyTraffic), {
  table: ["Query"],
  tries: async ({ run, plan: { traffic } }, { clients }) => {
    const { target } = run;
    const isPrivate = traffic?.records.some((record) => record.private);
    const change = () => isInSync(clients, "C00000000000000000000");
    return [
      ...(traffic?.switch === "records"
        ? [await tryRight("route53:GetChange", "us-east-1", change, ["NoSuchChange"])]
        : []),
      ...(isPrivate
        ? [
            ...(await tryShell(clients, target)),
            await tryRight("ssm:DescribeInstanceInformation", target, () => managedAmong(clients, target, [noServer])),
          ]
        : []),
    ];
  },
  result: () => ({ done: true, polls: 1 }),
});

type TrafficPoll = { servedAt: Date | null; because: string; answers: DnsReply[] };

const nothingOpen = ({ now }: Context, records: TrafficRecord[]): TrafficPoll => ({
  servedAt: now(),
  because: records.length > 0 ? "" : "the plan moves no traffic",
  answers: [],
});

/** The records of private zones. */
const pollPrivate = (
  { run, reroute, traffic }: TrafficInput,
  context: Context,
  records: TrafficRecord[],
  expectations: Expectation[],
) => {
  const zones = new Set(records.filter((record) => record.private).map(({ zone }) => zone));
  const { changes, changeIds } = reroute.value;
  const changed = new Set([...Object.keys(changeIds), ...changes.map(({ zone }) => zone)]);
  return pollPrivateZones(context, {
    run,
    expectations: expectations.filter((_, index) => records[index]?.private),
    asked: traffic?.value.asked ?? null,
    polls: traffic?.value.polls ?? 0,
    changeIds: [...changed].flatMap((zone) => (zones.has(zone) ? [changeIds[zone] ?? null] : [])),
    reroutedAt: new Date(reroute.value.at),
  });
};

const pollPublic = async (
  context: Context,
  plan: Plan,
  records: TrafficRecord[],
  expectations: Expectation[],
  { zone, resolvers }: { zone: DnsReply[]; resolvers: DnsReply[] },
): Promise<TrafficPoll> => {
  const answers = [...zone, ...resolvers];
  const decision = judgeAnswers(expectations, zone, resolvers);
  if (decision.action === "wait") return { servedAt: null, because: decision.because, answers };
  const dnsAt = context.now();

  const sentences = [decision.because, ...decision.notes];
  let servedAt = dnsAt;
  for (const probe of probesOf(plan, records)) {
    const served = await goodProbe(context, probe, connectsOf(probe.url, expectations, zone));
    if (!served.servedAt) return { servedAt: null, because: served.because, answers };
    if (served.servedAt > servedAt) servedAt = served.servedAt;
    sentences.push(served.because);
  }
  return { servedAt, because: sentences.join("; "), answers };
};

const expectationsOf = (
  { run, reroute }: TrafficInput,
  records: TrafficRecord[],
  seen: ObservedAddresses,
): Expectation[] => records.map((record) => expectationOf(record, run.to, seen, reroute.value.changes));

/** The present addresses of load balancers: the switched name itself may already lead to either. */
const resolveAliases = (context: Context, records: TrafficRecord[]): Promise<ObservedAddresses> => {
  const values = records.flatMap(({ type, primary, recovery }) => [
    { type, value: primary },
    { type, value: recovery },
  ]);
  const aliases = values.flatMap(({ type, value }) => ("alias" in value ? [{ name: value.alias.name, type }] : []));
  return resolveAll(context, aliases);
};

/**
 * The new answers for a URL's host, as the zone gives them: those of the plan's new side where any is among them; of IPv6 only
 * where there are no others, since a Lambda outside a VPC has no way there.
 */
const connectsOf = (url: string, expectations: Expectation[], zone: DnsReply[]) => {
  const of = (isWanted: (one: Expectation) => boolean) => {
    const own = expectations.filter((one) => one.name === hostOf(url) && isWanted(one));
    const found = own.flatMap((one) => {
      const answers = zone.filter(({ name, type }) => name === one.name && type === one.type);
      const good = answers.flatMap(({ values }) => (values && agrees(one, values) ? values : []));
      const known = good.filter((value) => one.target?.includes(plainValue(value)));
      return known.length > 0 ? known : good;
    });
    return [...new Set(found)].sort();
  };
  const first = of(({ type }) => type !== "AAAA");
  return first.length > 0 ? first : of(({ type }) => type === "AAAA");
};
