import * as z from "zod/mini";
import { moveTo } from "./aws/store/lease.ts";
import { ResourceFailedError } from "./core/errors.ts";
import { type PlanSide, switchValueOf } from "./core/model/direction.ts";
import type { Plan, TrafficRecord } from "./core/model/plan.ts";
import { originOf, type Run } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { ChangedInput, LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { type CanaryObservation, cannotRollBack, hostOf, judgeCanary, probesOf } from "./core/traffic/canary.ts";
import { percentAt, stepCount } from "./core/traffic/weights.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { goodProbe } from "./runtime/probe-url.ts";
import { step } from "./runtime/step.ts";
import { askZones, sideAddresses } from "./traffic/ask-dns.ts";
import { changesMade, moveBack } from "./traffic/move-records.ts";
import { proveZones } from "./traffic/prove-zones.ts";

const Fenced = z.object({
  stopped: z.array(z.string()),
  isolated: z.optional(z.array(z.unknown())),
  sourceAnswered: z.boolean(),
});

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  /** Long lists are in the ledger only. */
  fence: z.optional(z.object({ value: z.unknown() })),
  reroute: z.object({
    value: z.object({
      at: z.string(),
      step: z.number(),
      gateSeconds: z.number(),
      changes: z.optional(z.array(ChangedInput)),
    }),
  }),
  gate: z.optional(
    z.object({ value: z.object({ at: z.string(), bad: z.number(), looks: z.number(), total: z.number() }) }),
  ),
});
type GateInput = z.infer<typeof Input>;

export type GateResult = {
  /** Poll this step once more; else `again`: go on to `step`. Neither: the rest is up to VerifyTraffic. */
  watch: boolean;
  again: boolean;
  step: number;
  /** Consecutive failures, polls of this step and of all steps. */
  bad: number;
  looks: number;
  total: number;
  /** The Reroute that these polls are about; ISO 8601. */
  at: string;
  because: string;
};

/**
 * One poll of the canary: do the users who moved get good answers? After a failed canary the weights and the row are rolled
 * back, if the source can still serve, and the run ends in a ResourceFailedError; if it cannot, all traffic moves on at once,
 * since users who stay there would get nothing. Safe to run twice: a final decision is written down first.
 */
export const gate = async (input: GateInput, context: Context): Promise<GateResult> => {
  const { run, lease, reroute } = input;
  const startedAt = context.now();
  const { row, plan } = await beginStep(context, run, lease.value);
  const records = (plan.traffic?.records ?? []).filter(({ policy }) => policy === "weighted");
  const { at, step: nth, gateSeconds } = reroute.value;
  const percent = Math.max(0, ...records.map((record) => percentAt(record, nth, stepCount(records))));
  const ledger = await context.store.ledger(run.application, run.name);
  const goingBack = ledger.find(({ state, outcome }) => state === "Gate" && outcome === "Back");
  const back = async (because: string): Promise<never> => {
    const before = { active: run.source, switch: switchValueOf(run.from) };
    if (row.active !== run.source) await moveTo(context, run, lease.value, before);
    await moveBack(context, originOf(run), startedAt);
    throw new ResourceFailedError(
      `the canary failed in ${run.target} at ${percent} % of the traffic: ${because}; rolled back to ${run.source}`,
      "Fix the new side, then start the failover again.",
    );
  };
  if (goingBack) return back(String(goingBack.detail.because));

  const before = input.gate?.value.at === at ? input.gate.value : { bad: 0, looks: 0 };
  const looks = before.looks + 1;
  const total = (input.gate?.value.total ?? 0) + 1;
  const observed = await observe(input, context, plan, records, run.to);
  const elapsedSeconds = (context.now().getTime() - new Date(at).getTime()) / 1_000;
  const decision = judgeCanary(observed, { bad: before.bad, looks }, { elapsedSeconds, gateSeconds });
  context.log.info("gate", { step: nth, percent, action: decision.action, because: decision.because });
  const result = { watch: false, again: false, step: nth, bad: decision.bad, looks, total, at };
  if (decision.action === "watch") return { ...result, watch: true, because: decision.because };

  const record = (code: string, because: string) =>
    recordStep(context, run, {
      state: "Gate",
      subject: `${percent} %`,
      startedAt,
      outcome: code,
      detail: { percent, looks, because },
    });
  if (decision.action === "go-on") {
    await record("Good", decision.because);
    return { ...result, again: true, step: nth + 1, because: decision.because };
  }
  const blocked = await whyNoRollback(input, context, plan, records);
  if (blocked === null) {
    await record("Back", decision.because);
    return back(decision.because);
  }
  const because = `${decision.because}; cannot roll back: ${blocked}; moving all traffic`;
  await record("NoWayBack", because);
  return { ...result, again: true, step: stepCount(plan.traffic?.records ?? []) - 1, because };
};

export const handler = step("gate", Input, withinPayload(gate), {
  table: ["Query", "UpdateItem"],
  tries: proveZones,
  result: () => ({ watch: false, again: false, total: 0, step: 0 }),
});

const whyNoRollback = async (input: GateInput, context: Context, plan: Plan, records: TrafficRecord[]) => {
  const { run } = input;
  const protects = plan.protect.length > 0;
  const given = Fenced.safeParse(input.fence?.value);
  const {
    stopped,
    isolated = [],
    sourceAnswered,
  } = given.success ? given.data : await fenceEntryOf(context, originOf(run));
  const isFenced = stopped.length + isolated.length > 0;
  const blocked = cannotRollBack({ isFenced, sourceAnswered }, { protects, unfences: run.unfenceOnFailure });
  if (blocked !== null || protects) return blocked;
  const observed = await observe(input, context, plan, records, run.from);
  return observed.good ? null : `the source fails too (${observed.because})`;
};

/** What the fence did, from the ledger of the run that fenced; without that entry nothing is rolled back. */
const fenceEntryOf = async ({ store }: Context, { application, name }: Run) => {
  const ledger = await store.ledger(application, name);
  const fenced = Fenced.safeParse(ledger.find(({ state, subject }) => state === "Fence" && !subject)?.detail);
  return fenced.success ? fenced.data : { stopped: [], isolated: [], sourceAnswered: false };
};

/** Every probe URL of the weighted names through the addresses of one side; without one, DNS alone. */
const observe = async (
  { run, reroute }: GateInput,
  context: Context,
  plan: Plan,
  records: TrafficRecord[],
  side: PlanSide,
): Promise<CanaryObservation> => {
  const changes = reroute.value.changes ?? (await changesMade(context, run)).changes;
  const open = records.filter((record) => !record.private);
  const probes = probesOf(plan, open);
  if (probes.length === 0) return byDns(context, open, side);
  const replies = await Promise.all(
    probes.map(async (probe) => {
      const own = open.filter(({ name }) => name === hostOf(probe.url));
      return goodProbe(context, probe, await sideAddresses(context, own, side, changes));
    }),
  );
  const bad = replies.find(({ servedAt }) => servedAt === null);
  return { good: !bad, because: bad?.because ?? replies.map(({ because }) => because).join("; ") };
};

/** Weaker: the zone's name servers answer at all. Counts the answers that are on the new side already. */
const byDns = async (context: Context, records: TrafficRecord[], side: PlanSide): Promise<CanaryObservation> => {
  if (records.length === 0) return { good: true, because: "private zones only: not visible from outside" };
  const answers = await askZones(context, records);
  const moved = await sideAddresses(context, records, side, []);
  const there = answers.filter(({ values }) => values?.some((value) => moved.includes(value)));
  const silent = answers.find(({ values }) => values === null);
  const counted = `${there.length} of ${answers.length} DNS answers are on the ${side} side; the plan has no probe for these records`;
  if (answers.length === 0) return { good: false, because: "no name server found for the records" };
  return silent
    ? { good: false, because: `${silent.server} does not answer for ${silent.name} (${silent.error})` }
    : { good: true, because: counted };
};
