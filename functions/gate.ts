import * as z from "zod/mini";
import { moveTo } from "./aws/store/lease.ts";
import { ResourceFailedError } from "./core/errors.ts";
import { type PlanSide, switchValueOf } from "./core/model/direction.ts";
import type { Plan, TrafficRecord } from "./core/model/plan.ts";
import { originOf, type Run } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { ChangedInput, LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { type GateLook, hostOf, judgeGate, noWayBack, probesOf } from "./core/traffic/canary.ts";
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
  /** Long lists are left to the ledger. */
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
  /** Look once more at this step; else `again`: go on to `step`. Neither: the rest is VerifyTraffic's. */
  watch: boolean;
  again: boolean;
  step: number;
  /** Bad looks in a row, looks at this step and at all steps. */
  bad: number;
  looks: number;
  total: number;
  /** The Reroute that these looks are about; ISO 8601. */
  at: string;
  because: string;
};

/**
 * One look at the users who moved: do they get good answers? After a bad gate the weights and the row go back, if the
 * source can still serve, and the run ends in a ResourceFailedError; if it cannot, everything moves on at once, since
 * users who stay there would get nothing. Safe to run twice: what it decided for good is written down first.
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
      `${run.target} answers badly with ${percent} % of the traffic: ${because}; traffic went back to ${run.source}`,
      "See why the new side answers badly, mend it, and start the failover again.",
    );
  };
  if (goingBack) return back(String(goingBack.detail.because));

  const before = input.gate?.value.at === at ? input.gate.value : { bad: 0, looks: 0 };
  const looks = before.looks + 1;
  const total = (input.gate?.value.total ?? 0) + 1;
  const look = await lookAt(input, context, plan, records, run.to);
  const elapsedSeconds = (context.now().getTime() - new Date(at).getTime()) / 1_000;
  const decision = judgeGate(look, { bad: before.bad, looks }, { elapsedSeconds, gateSeconds });
  context.log.info("gate", { step: nth, percent, action: decision.action, because: decision.because });
  const result = { watch: false, again: false, step: nth, bad: decision.bad, looks, total, at };
  if (decision.action === "watch") return { ...result, watch: true, because: decision.because };

  const tell = (code: string, because: string) =>
    recordStep(context, run, {
      state: "Gate",
      subject: `${percent} %`,
      startedAt,
      outcome: code,
      detail: { percent, looks, because },
    });
  if (decision.action === "go-on") {
    await tell("Good", decision.because);
    return { ...result, again: true, step: nth + 1, because: decision.because };
  }
  const stuck = await whyNotBack(input, context, plan, records);
  if (stuck === null) {
    await tell("Back", decision.because);
    return back(decision.because);
  }
  const because = `${decision.because}; no way back: ${stuck}, so all traffic moves on`;
  await tell("NoWayBack", because);
  return { ...result, again: true, step: stepCount(plan.traffic?.records ?? []) - 1, because };
};

export const handler = step("gate", Input, withinPayload(gate), {
  table: ["Query", "UpdateItem"],
  tries: proveZones,
  result: () => ({ watch: false, again: false, total: 0, step: 0 }),
});

const whyNotBack = async (input: GateInput, context: Context, plan: Plan, records: TrafficRecord[]) => {
  const { run } = input;
  const protects = plan.protect.length > 0;
  const told = Fenced.safeParse(input.fence?.value);
  const { stopped, isolated = [], sourceAnswered } = told.success ? told.data : await fenceOf(context, originOf(run));
  const held = stopped.length + isolated.length > 0;
  const stuck = noWayBack({ held, sourceAnswered }, { protects, unfences: run.unfenceOnFailure });
  if (stuck !== null || protects) return stuck;
  const look = await lookAt(input, context, plan, records, run.from);
  return look.good ? null : `the source answers badly too (${look.because})`;
};

/** What the fence did, from the ledger of the run that fenced; without a word of it there is no way back. */
const fenceOf = async ({ store }: Context, { application, name }: Run) => {
  const ledger = await store.ledger(application, name);
  const fenced = Fenced.safeParse(ledger.find(({ state, subject }) => state === "Fence" && !subject)?.detail);
  return fenced.success ? fenced.data : { stopped: [], isolated: [], sourceAnswered: false };
};

/** Every probe URL of the weighted names through the addresses of one side; without one, DNS alone. */
const lookAt = async (
  { run, reroute }: GateInput,
  context: Context,
  plan: Plan,
  records: TrafficRecord[],
  side: PlanSide,
): Promise<GateLook> => {
  const changes = reroute.value.changes ?? (await changesMade(context, run)).changes;
  const open = records.filter((record) => !record.private);
  const probes = probesOf(plan, open);
  if (probes.length === 0) return byDns(context, open, side);
  const looks = await Promise.all(
    probes.map(async (probe) => {
      const own = open.filter(({ name }) => name === hostOf(probe.url));
      return goodProbe(context, probe, await sideAddresses(context, own, side, changes));
    }),
  );
  const bad = looks.find(({ servedAt }) => servedAt === null);
  return { good: !bad, because: bad?.because ?? looks.map(({ because }) => because).join("; ") };
};

/** Weaker: the zone's name servers answer at all. Says how many of the answers are on the new side already. */
const byDns = async (context: Context, records: TrafficRecord[], side: PlanSide): Promise<GateLook> => {
  if (records.length === 0) return { good: true, because: "private zones only: nobody can look from outside" };
  const answers = await askZones(context, records);
  const moved = await sideAddresses(context, records, side, []);
  const there = answers.filter(({ values }) => values?.some((value) => moved.includes(value)));
  const silent = answers.find(({ values }) => values === null);
  const counted = `${there.length} of ${answers.length} answers of DNS are on the ${side} side; no probe URL of the plan names these records`;
  if (answers.length === 0) return { good: false, because: "no name server of the records could be found" };
  return silent
    ? { good: false, because: `${silent.server} gives no answer for ${silent.name} (${silent.error})` }
    : { good: true, because: counted };
};
