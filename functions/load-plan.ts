import * as z from "zod/mini";
import { readRow } from "./aws/store/lease.ts";
import { waitingQuestion } from "./core/approval/approval.ts";
import { deployIt } from "./core/command-line.ts";
import { PlanInvalidError, RefusedError } from "./core/errors.ts";
import { directionOf, launchedOf, protectedOf, reversed, servesWhereProtected } from "./core/model/direction.ts";
import { modeOf } from "./core/model/mode.ts";
import type { Plan } from "./core/model/plan.ts";
import type { Row, Unfinished } from "./core/model/row.ts";
import type { Approval, Run } from "./core/model/run.ts";
import { readInput } from "./core/run/raw-input.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  machine: z.enum(["replicate", "rotate", "failover", "close", "answer"]),
  input: z.unknown(),
  execution: z.string(),
  name: z.string(),
});

/** Reads the raw input of a machine and says what this run is about: the only thing that later states know of it. */
export const loadPlan = async (
  { machine, input, execution, name }: z.infer<typeof Input>,
  context: Context,
): Promise<Run> => {
  const { application, request, incident, answer: brought, resume: resumes, proof } = readInput(input);
  const planVersion = await context.store.currentPlanVersion(application);
  if (!planVersion) throw await unknown(application, context);
  const [plan, row] = await Promise.all([context.store.plan(application, planVersion), readRow(context, application)]);

  if (brought && machine !== "failover" && machine !== "answer")
    throw new PlanInvalidError(
      `answer: expected by lifeboat-answer and lifeboat-failover only (got by lifeboat-${machine})`,
    );
  if (!brought && machine === "answer")
    throw new PlanInvalidError(
      "answer: expected { run, approved, by } (got nothing)",
      "lifeboat-answer only gives an answer to a run that waits; lifeboat status says whether one does.",
    );
  if (proof && machine !== "failover")
    throw new PlanInvalidError(`proof: expected by lifeboat-failover only (got by lifeboat-${machine})`);
  const moves = modeOf({ machine }).movesTraffic && !proof;
  const answer = brought ?? (moves ? await approvedNow(application, request, row, context) : null);
  const resume = moves && !answer ? await unfinishedOf(context, plan, row) : null;
  if (resumes && !resume) throw nothingToFinish(row);
  if (!answer && !resume) refuse(machine, request.by, plan, row);
  const onward = directionOf(plan, row);
  return {
    application,
    machine,
    id: execution,
    name,
    startedAt: context.now().toISOString(),
    planVersion,
    ...(resume ? reversed(onward) : onward),
    fenceFirst: plan.recover.fenceFirst,
    unfenceOnFailure: plan.recover.onFailure === "unfence",
    request,
    incident: resume ? await incidentOf(context, application, resume) : incident,
    answer,
    resume,
    ...(proof && { proof: true as const }),
  };
};

export const handler = step("load-plan", Input, loadPlan);

const unknown = async (application: string, { store, settings }: Context) => {
  const known = await store.applications();
  return new PlanInvalidError(
    `application: "${application}" is unknown in ${settings.region}; known are: ${known.join(", ") || "none"}`,
    `Start the machine with one of these names, or deploy the plan: ${deployIt}.`,
  );
};

/** A person who starts it approved answers the run that waits, if there is one; another point cannot come with that. */
const approvedNow = async (
  application: string,
  { by, approve, recoveryPoint }: Run["request"],
  row: Row,
  { store }: Context,
): Promise<Approval | null> => {
  if (by !== "person" || !approve || !row.run) return null;
  const question = waitingQuestion(await store.question(application), row);
  if (!question) return null;
  if (recoveryPoint !== "latest")
    throw new RefusedError(
      `${question.run} waits for an answer and has its recovery points already: recoveryPoint cannot come with one`,
      "Approve it without recoveryPoint, or reject it and start another one.",
    );
  return { run: question.run, approved: true, by: "person" };
};

/** A move whose traffic did not follow, or has gone elsewhere since: whoever starts a failover finishes it. */
const unfinishedOf = async ({ store }: Context, plan: Plan, { application, active, lastRun }: Row) => {
  if (servesWhereProtected(plan, { active }) || !lastRun) return null;
  if (lastRun.unfinished) return lastRun.unfinished;
  const place = await store.trafficPlace(application);
  return place?.code === "Elsewhere" ? { of: lastRun.name, tries: 0 } : null;
};

/** RTO counts from the evidence that the move began with. */
const incidentOf = async ({ store }: Context, application: string, { of }: Unfinished) => {
  const ledger = await store.ledger(application, of);
  const acquired = ledger.find(({ state }) => state === "AcquireLease")?.detail as { run?: Run } | undefined;
  return acquired?.run?.incident ?? null;
};

const nothingToFinish = ({ application, active }: Row) =>
  new RefusedError(
    `${application} is served from ${active}, and there is no unfinished move`,
    "Nothing to do: another run has finished it.",
  );

/** A failover leads from the primary to the recovery Region, and so does protection: the way back is not built yet. */
const refuse = (machine: Run["machine"], by: Run["request"]["by"], plan: Plan, row: Row) => {
  const { application } = plan;
  const { active, phase } = row;
  // the schedule goes on after a failover: AcquireLease skips its passes without a failed execution each time
  const protects = machine === "replicate" || machine === "rotate";
  if (machine === "close" || (protects && by === "schedule")) return;
  const moved = !servesWhereProtected(plan, row);
  if (modeOf({ machine }).movesTraffic && moved)
    throw new RefusedError(
      `${application} is already served from ${active}; a failover leads from ${protectedOf(plan)} to ${launchedOf(plan)}`,
      "Nothing to do. The way back to the primary Region is not supported yet.",
    );
  if (protects && (moved || phase === "failedOver"))
    throw new RefusedError(
      `${application} is served from ${active}; protection in that direction is not supported yet`,
      machine === "rotate"
        ? "Nothing to do: every point stays as it is until the application is back in its primary Region."
        : "Disable the replication schedule until the application is back in its primary Region.",
    );
};
