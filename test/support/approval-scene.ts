import type { Reply as AwsReply, Watch } from "../../functions/aws/calls/clients.ts";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import type { Question } from "../../functions/core/model/approval-request.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Run } from "../../functions/core/model/run.ts";
import { aPlan, aRow, aRun } from "./builders.ts";
import { awsError } from "./command-scene.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

/** A word that no log, message, ledger or answer may hold. */
export const canary = "AQCEAAAAKgAAAAMAAAAAAAAAA-canary-token";
export const lease = { value: { generation: 1 } };
export const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
export const startedAt = "2026-03-02T12:00:00.000Z";

/**
 * A run that holds the lease, and the world around its question: the tokens in `waiting` are those that Step Functions
 * takes back, `failures` are thrown by the next calls of an operation, `at` is the time.
 */
export const anApprovalScene = async (
  over: { plan?: Partial<Plan>; run?: Partial<Run>; approvalUrl?: string } = {},
) => {
  const plan = aPlan({ notify: { topics: [topic], on: [] }, ...over.plan });
  const run = aRun(over.run);
  const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: startedAt, points: {} };
  const waiting = new Set<string>();
  const failures: Record<string, Error[]> = {};
  const messages: { Subject: string; Message: string }[] = [];
  const started: { name: string; input: Record<string, unknown> }[] = [];
  const calls: string[] = [];
  const clock = { at: startedAt };

  const answers: Record<string, (input: Record<string, unknown>) => object> = {
    SendTaskSuccess: ({ taskToken }) => {
      if (!waiting.delete(`${taskToken}`)) throw awsError("TaskTimedOut", "Task Timed Out");
      return {};
    },
    Publish: (input) => {
      messages.push(input as never);
      return {};
    },
    StartExecution: ({ name, input }) => {
      if (started.some((one) => one.name === name)) throw awsError("ExecutionAlreadyExists");
      started.push({ name: `${name}`, input: JSON.parse(`${input}`) });
      return { executionArn: `arn:${name}` };
    },
  };
  const aws: Watch = async ({ operation, input }): Promise<AwsReply> => {
    calls.push(operation);
    const failure = failures[operation]?.shift();
    if (failure) throw failure;
    return { output: { $metadata: {}, ...answers[operation]!(input) }, response: {} };
  };
  const made = aContext({ watches: [aws], now: () => new Date(clock.at) });
  if (over.approvalUrl) made.settings.approvalUrl = over.approvalUrl;
  const context = await withTable(made, {
    plan,
    row: aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } }),
  });
  await context.store.savePlan(plan);

  const asking = (token = canary, code: Question["code"] = "Incident") => {
    waiting.add(token);
    const value = { code, because: "2 of 2 witnesses are unhealthy", waitSeconds: 1_800 };
    return { run, lease, lossGate: { value }, token };
  };
  const answering = (approved = true, by = "ann", id = "arn:answer-1") => ({
    run: aRun({ id, name: id.slice(4), answer: { run: run.name, approved, by } }),
  });
  const seen = (code: string, at = clock.at) =>
    context.store.saveEvidence("shop", { verdict: { code, at, because: "so they say" } } as unknown as Evidence);
  /** Everything that people and later steps can read. */
  const readable = async () =>
    JSON.stringify([
      ...[made.told, messages, started],
      ...[await context.store.question("shop"), await context.store.ledger("shop", run.name)],
    ]);
  return { context, plan, run, waiting, failures, messages, started, calls, clock, asking, answering, seen, readable };
};
