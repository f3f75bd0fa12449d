import type { ServerState } from "../../functions/core/model/server.ts";
import type { Execution } from "../../simulator/machines/executions.ts";
import type { Decision, Moment } from "../../simulator/story/played-story.ts";
import { aServerItem } from "./builders.ts";

/** Time 0 of the moments below. */
export const zero = Date.parse("2026-01-05T00:30:00.000Z");

export const decisionAt = (at: number, over: Partial<Decision> = {}): Moment => ({
  kind: "decision",
  at,
  decision: { at, action: "hold", code: "Degraded", because: "1 of 2 witnesses is unhealthy", ...over },
});

export const anExecution = (over: Partial<Execution> = {}) =>
  ({ machine: "failover", name: "run-1", status: "RUNNING", results: new Map(), input: {}, ...over }) as Execution;

/** The end of a task a minute after time 0; of a pass with the servers as they are then. */
export const aStep = (
  state: string,
  servers: Record<string, ServerState> = {},
  { outcome = "ok", ...over }: Partial<Execution> & { outcome?: string } = {},
): Moment => ({
  kind: "step",
  at: zero + 60_000,
  execution: anExecution(over),
  invocation: { execution: "arn", state, outcome, startedAt: zero, endedAt: zero + 60_000 },
  servers: Object.entries(servers).map(([name, reached]) => aServerItem({ name, state: reached })),
});
