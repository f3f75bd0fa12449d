import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Clients } from "./calls/clients.ts";

/** A state that was left, and what the machine knew then (JSON). */
export type StateLeft = { id: number; state: string; output: string };
/** `status`: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED. Times are ISO 8601. */
export type Execution = {
  status: string;
  startedAt: string | null;
  stoppedAt: string | null;
  output: string | null;
  error: string | null;
  cause: string | null;
};

/**
 * Starts an execution and gives its ARN; the same name with the same input, while it runs, gives the same one again.
 * Throws StateMachineDoesNotExist, ExecutionAlreadyExists. [SFN API: StartExecution]
 */
export const startExecution = async (
  clients: Clients,
  region: string,
  { machine, name, input }: { machine: string; name: string; input: Record<string, unknown> },
): Promise<string> => {
  const { executionArn } = await clients(SFNClient, region).send(
    new StartExecutionCommand({ stateMachineArn: machine, name, input: JSON.stringify(input) }),
  );
  return executionArn ?? "";
};

/**
 * Stops an execution, which ends as ABORTED at once; a Lambda that it has invoked goes on to its end. One that has ended stays as it
 * is. `cause`: for whoever reads how it ended. Throws ExecutionDoesNotExist. [SFN API: StopExecution]
 */
export const stopExecution = async (clients: Clients, region: string, arn: string, cause: string): Promise<void> => {
  await clients(SFNClient, region).send(new StopExecutionCommand({ executionArn: arn, cause }));
};

export const describeExecution = async (clients: Clients, region: string, arn: string): Promise<Execution> => {
  const found = await clients(SFNClient, region).send(new DescribeExecutionCommand({ executionArn: arn }));
  return {
    status: found.status ?? "RUNNING",
    startedAt: found.startDate?.toISOString() ?? null,
    stoppedAt: found.stopDate?.toISOString() ?? null,
    output: found.output ?? null,
    error: found.error ?? null,
    cause: found.cause ?? null,
  };
};

/** States that were left after the event `after`, oldest first: read from the end, so that a long history is read once. */
export const statesLeft = async (
  clients: Clients,
  region: string,
  arn: string,
  after: number,
): Promise<{ left: StateLeft[]; last: number }> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await clients(SFNClient, region).send(
      new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 100, nextToken }),
    );
    const fresh = (page.events ?? []).filter(({ id }) => (id ?? 0) > after);
    events.push(...fresh);
    nextToken = fresh.length === page.events?.length ? page.nextToken : undefined;
  } while (nextToken);
  const left = events.flatMap(({ id, stateExitedEventDetails: exited }) =>
    exited?.name ? [{ id: id ?? 0, state: exited.name, output: exited.output ?? "" }] : [],
  );
  return { left: left.sort((a, b) => a.id - b.id), last: events[0]?.id ?? after };
};
