/** Reads the ASL files and prepares them for the interpreter. */

import { shippedText } from "../scenario/shipped.ts";

/** `seconds`: its timeout, null where the state's input names one. */
type Task = { name: string; waits: boolean; seconds: number | null };
type State = {
  Type: string;
  Resource?: string;
  Parameters?: Record<string, unknown>;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  ItemProcessor?: States;
  Branches?: States[];
};
type States = { States: Record<string, State> };

/** The interpreter waits for a timeout with one timer, which holds 2^31 - 1 ms: a longer one would be over at once. */
const timerSecondsMax = 2_000_000;

const loaded = new Map<string, { definition: never; tasks: Task[] }>();

/** A machine's definition, read once, with its tasks at any depth and whether they wait for their token. */
export const loadMachine = (file: URL) => {
  const known = loaded.get(file.href);
  if (known) return known;
  const definition = JSON.parse(shippedText(file));
  definition.TimeoutSeconds = Math.min(definition.TimeoutSeconds ?? timerSecondsMax, timerSecondsMax);
  const made = { tasks: tasksOf(definition), definition: definition as never };
  loaded.set(file.href, made);
  return made;
};

const tasksOf = ({ States }: States): Task[] =>
  Object.entries(States).flatMap(([name, state]) => [
    ...(state.Type === "Task" ? [taskOf(name, state)] : []),
    ...(state.ItemProcessor ? tasksOf(state.ItemProcessor) : []),
    ...(state.Branches ?? []).flatMap(tasksOf),
  ]);

/**
 * TimeoutSecondsPath reads the state's input, but the interpreter reads it from what Parameters made of that: the
 * path becomes a parameter. A task that waits for its token gets its timeout in the same way.
 */
const taskOf = (name: string, state: State): Task => {
  const waits = state.Resource?.endsWith(".waitForTaskToken") ?? false;
  const { TimeoutSecondsPath: path, TimeoutSeconds = taskSecondsMax } = state;
  if (path) {
    state.Parameters = { ...state.Parameters, "TimeoutSeconds.$": path };
    state.TimeoutSecondsPath = "$.TimeoutSeconds";
  } else if (waits) state.Parameters = { ...state.Parameters, TimeoutSeconds };
  return { name, waits, seconds: path ? null : TimeoutSeconds };
};

/** Of a task that names no timeout. [SFN:state-task] */
const taskSecondsMax = 99_999_999;
