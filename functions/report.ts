import * as z from "zod/mini";
import { saveObject } from "./aws/reports.ts";
import { fenceChanges } from "./core/fence/unfence-summary.ts";
import type { NotifyOn, Plan } from "./core/model/plan.ts";
import type { Run } from "./core/model/run.ts";
import type { RotationTally } from "./core/points/rotation-tally.ts";
import type { CopyCounts, Facts, LedgerStep, Report } from "./core/report/facts.ts";
import { reportText } from "./core/report/markdown.ts";
import { buildReport, launchedServers } from "./core/report/report.ts";
import type { AbandonedRun } from "./core/run/abandoned-run.ts";
import { AbandonedRunInput, ErrorInput, RunInput } from "./core/run/machine-state.ts";
import { type Outcome, type ReportedError, readError } from "./core/run/outcome.ts";
import { notifyOnce } from "./operators/notify-once.ts";
import { tellProof } from "./readiness/end-proof.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

/** A report needs no part: one that is missing, or not of the expected shape, is left out. */
const part = <T>() => z.catch(z.optional(z.object({ value: z.custom<T>((value) => value !== undefined) })), undefined);

type Planned = { points?: Record<string, string>; warnings?: string[] };
type Fenced = NonNullable<Facts["fence"]>;
type Moved = { changes?: Facts["changes"] };

const Input = z.object({
  run: z.optional(RunInput),
  error: z.catch(z.optional(ErrorInput), undefined),
  lease: part<{ points?: Record<string, string> }>(),
  preflight: part<Planned>(),
  lateError: z.catch(z.optional(ErrorInput), undefined),
  fence: part<Fenced>(),
  unfence: part<NonNullable<Facts["unfence"]>>(),
  unfenceError: z.catch(z.optional(ErrorInput), undefined),
  reroute: part<Moved>(),
  traffic: part<NonNullable<Facts["traffic"]>>(),
  rotate: part<{ tally: RotationTally }>(),
  copy: part<CopyCounts>(),
  inspect: z.catch(z.optional(AbandonedRunInput), undefined),
});
type ReportInput = z.infer<typeof Input>;

/** `told`: the report is written, and a topic took the message, or there was none to send. */
export type ReportResult = { url: string | null; outcome: Outcome; warnings: string[]; told: boolean };

/**
 * Writes the report of a run to S3 and notifies the topics. A run that `close` found, dead or unreported, is reported from
 * its ledger; an earlier report stays as it is.
 */
export const report = async (input: ReportInput, context: Context): Promise<ReportResult> => {
  const { run } = input;
  const error = input.error ? readError(input.error) : null;
  if (!run) {
    const { message, ...rest } = error ?? {};
    context.log.error("the run failed before it had a plan", { ...rest, because: message });
    return { url: null, outcome: "failed", warnings: [], told: true };
  }
  const startedAt = context.now();
  const plan = await context.store.plan(run.application, run.planVersion);
  const facts = await gather(input, run, plan, error, context);
  const closing = input.inspect?.value.closing;
  const earlier = closing && !closing.again && facts.ledger.find(({ state }) => state === "Report");
  if (earlier)
    return { url: String(earlier.detail.url), outcome: earlier.outcome as Outcome, warnings: [], told: true };
  const built = buildReport(facts);
  const written = await write(context, built);
  const url = written instanceof Error ? null : written;
  // the person who answers sees the result at once; the answered run sends its own report
  const kind = run.answer ? null : kindOf(built);
  const { isDelivered, warnings } = await notifyOnce(
    context,
    plan,
    kind,
    { run: built.run, ledger: facts.ledger },
    messageOf(built, url),
  );
  if (written instanceof Error) throw written;
  const { application, machine, outcome } = built;
  context.log.info("reported", { application, machine, run: built.run, outcome, url, heard: isDelivered });
  if (isDelivered)
    await recordStep(
      context,
      { application, name: built.run },
      { state: "Report", startedAt, outcome, detail: { url } },
    );
  return { url, outcome, warnings, told: isDelivered };
};

export const handler = step("report", Input, report, { tries: tellProof });

const gather = async (
  { lease, preflight, lateError, fence, unfence, unfenceError, reroute, traffic, rotate, copy, inspect }: ReportInput,
  own: Run,
  plan: Plan,
  ownError: ReportedError | null,
  { store, now }: Context,
): Promise<Facts> => {
  const closing = inspect?.value.closing;
  const { application } = own;
  const name = closing?.name ?? own.name;
  const [row, ledger, servers, ...points] = await Promise.all([
    store.row(application),
    store.ledger(application, name),
    store.servers(application, name),
    ...plan.protect.map(({ name }) => store.points(application, name)),
  ]);
  const acquired = detailOf<{ run: Run; points: Record<string, string> }>(ledger, "AcquireLease");
  // long values are in the ledger only
  const whole = <T extends object>(given: { value: T } | undefined, state: string): T | null => {
    const written = detailOf<T>(ledger, state);
    return given ? { ...written, ...given.value } : written;
  };
  const planned = detailOf<Planned>(ledger, "Preflight") ?? preflight?.value;
  const moved = whole(reroute, "Reroute");
  // a Fence that failed left its last pass in the ledger, and the one before in the payload
  const fenced = whole(fence?.value.done === false ? undefined : fence, "Fence");
  const changes =
    fenced && !fenced.stopped ? fenceChanges(await store.fenceRecords(application, own.source), name) : null;
  return {
    run: closing ? deadRun(closing, own, acquired?.run) : own,
    plan,
    row,
    error: closing ? endOf(closing, application) : ownError,
    ledger,
    points: points.flat(),
    pinned: planned?.points ?? lease?.value.points ?? acquired?.points ?? {},
    servers: servers.length > 0 ? servers : launchedServers(ledger),
    warnings: [...(planned?.warnings ?? []), ...(lateError ? [lateSentence(readError(lateError))] : [])],
    fence: fenced && { ...changes, ...fenced },
    unfence: whole(unfence, "Unfence"),
    unfenceError: unfenceError ? readError(unfenceError) : null,
    traffic: whole(traffic, "VerifyTraffic"),
    changes: moved?.changes ?? [],
    rotation: rotate?.value.tally ?? detailOf<RotationTally>(ledger, "Rotate"),
    copies: countsOf(copy?.value ?? detailOf<CopyCounts>(ledger, "Copy")),
    now: closing && closing.endedAt > closing.acquiredAt ? new Date(closing.endedAt) : now(),
  };
};

const lateSentence = ({ name, message }: ReportedError) =>
  `late servers were not verified to their end: ${name}: ${message}`;

const countsOf = (copies: CopyCounts | null): CopyCounts | null =>
  copies && { copied: copies.copied, failed: copies.failed, left: copies.left };

const detailOf = <T>(ledger: LedgerStep[], state: string): T | null =>
  (ledger.find((entry) => entry.state === state && entry.subject === "")?.detail as T | undefined) ?? null;

/** The run as it was written down when it took the lease, or found to be unreported; else from its lease. */
const deadRun = ({ id, name, machine, acquiredAt, run }: AbandonedRun, own: Run, known: Run | undefined): Run =>
  known ?? run ?? { ...own, id, name, machine: machine as Run["machine"], startedAt: acquiredAt };

/** Null for a run that succeeded and was only not reported. */
const endOf = ({ name, status, error, cause }: AbandonedRun, application: string): ReportedError | null => {
  if (status === "SUCCEEDED" || error === reportFailed) return null;
  const hint = `Check which Region is active, then start the machine again with { "application": "${application}" }.`;
  if (!error) return { name: `Execution${status}`, message: `${name} ended (${status}) before it could report`, hint };
  const read = readError({ Error: error, Cause: cause ?? "" });
  return { ...read, hint: read.hint || hint };
};

/** The error of a machine that failed only at its report: `ReportMissing`. */
const reportFailed = "ReportFailed";

const write = async ({ clients, settings }: Context, built: Report): Promise<string | Error> => {
  const { region, bucket } = settings;
  const key = `reports/${built.application}/${built.run}`;
  try {
    const json = { bucket, key: `${key}.json`, text: `${JSON.stringify(built, null, 2)}\n`, type: "application/json" };
    const markdown = { bucket, key: `${key}.md`, text: reportText(built), type: "text/markdown; charset=utf-8" };
    await saveObject(clients, region, json);
    return await saveObject(clients, region, markdown);
  } catch (error) {
    return error as Error;
  }
};

const messageOf = (built: Report, url: string | null) => ({
  subject: `Lifeboat: ${built.application}: ${built.machine} ${built.outcome}${movedTo(built)}${stillStopped(built)}`,
  text: `${reportText(built)}\nReport: ${url ?? "could not be written"}\n`,
});

const movedTo = ({ moved, target }: Report) => (moved ? `, but active in ${target}` : "");
const stillStopped = ({ unfence }: Report) => (unfence?.stopped.length ? ", production is stopped" : "");

/** Every end of a failover is reported; a pass of replication or rotation only when the objective is missed. */
const kindOf = ({ machine, outcome, request, rpoSeconds, objectives }: Report): NotifyOn | null => {
  if (machine === "rotate" && request.by === "schedule") return outcome === "succeeded" ? null : "rpo";
  if (machine !== "replicate") return "done";
  return outcome === "succeeded" && rpoSeconds !== null && rpoSeconds <= objectives.rpoSeconds ? null : "rpo";
};
