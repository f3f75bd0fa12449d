import type { Watch } from "../../functions/aws/calls/clients.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Server } from "../../functions/core/model/server.ts";
import type { StepHandler } from "../../functions/runtime/step.ts";
import type { Pace } from "../clock.ts";
import type { EarlyMove } from "../invariants/early-moves.ts";
import type { Loss } from "../invariants/losses.ts";
import type { World } from "../kernel.ts";
import type { Execution, ExecutionsOfRegion, MachineName } from "../machines/executions.ts";
import type { Invocation } from "../machines/lambda.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Environment } from "../world/environment.ts";
import type { StartState } from "../world/start-state.ts";
import type { Service } from "../world/users.ts";
import type { Writer } from "../world/writers.ts";

export type Decision = { at: number; action: string; code: string; because: string };

/** A story that was played: the world as it ended, and everything that was seen on the way. Times are ms. */
export type Story = {
  plan: Plan;
  scenario: Scenario;
  seed: number;
  run: MachineName | null;
  world: World;
  environment: Environment;
  executions: Execution[];
  /** Changes of what was decided for `plan`. */
  decisions: Decision[];
  /** The further applications of the scenario. */
  others: { plan: Plan; decisions: Decision[] }[];
  /** What was stored when detect started an execution, by its ARN. */
  startStates: Map<string, StartState>;
  /** Who of the source could take writes when an execution first set out to move traffic, by its ARN. */
  writers: Map<string, Writer[]>;
  /** Points that were taken away while nothing younger was whole, judged at that instant. */
  losses: Loss[];
  /** Traffic that moved before the row, judged at that instant. */
  earlyMoves: EarlyMove[];
  zeroAt: number;
  endedAt: number;
  /** What users of `plan` got from time 0 on; null where it has no name that they know. */
  users: Service[] | null;
  rpoSeconds: number | null;
  spent: { invocations: number; milliseconds: number };
};

/** What happens, as it happens: for a live view. */
export type Moment =
  | { kind: "point"; at: number; text: string; zeroAt: number }
  | { kind: "zero"; at: number }
  | { kind: "fault"; at: number; text: string }
  | { kind: "person"; at: number; text: string }
  /** Users are served by another Region from now on, or by none. */
  | { kind: "users"; at: number; region: string | null }
  | { kind: "decision"; at: number; decision: Decision }
  | { kind: "run"; at: number; execution: Execution }
  /** `servers`: of the run, after a pass over them. */
  | { kind: "step"; at: number; execution: Execution; invocation: Invocation; servers?: Server[] };

export type StoryOptions = {
  plan: Plan;
  scenario: Scenario;
  seed: number;
  run: MachineName | null;
  /** Input of `run`, beside the application. */
  input?: Record<string, unknown>;
  /** Called before each invocation: for tests that end an execution in the middle. */
  onInvoking?: (execution: Execution, state: string, executions: ExecutionsOfRegion) => void;
  /** Called once, with the world before anything has happened: for tests that watch it on the way. */
  began?: (environment: Environment) => void;
  /** Functions in the place of ours, by state: for tests of which invariant notices a wrong one. */
  functions?: Record<string, StepHandler>;
  /** So many seconds after a question a person approves; null or nothing: only the scenario's own operations answer. */
  approveAfterSeconds?: number | null;
  /** After the story: further replication passes, for tests of what is left. */
  furtherPasses?: number;
  /** Requests are written as they go over the wire, by all of the SDK's middleware, which takes half as long again. */
  wireProtocol?: boolean;
  /** See every call with its reply: for tests that compare them with the models of AWS. */
  watches?: Watch[];
  onMoment?: (moment: Moment) => void;
  pace?: Pace;
};
