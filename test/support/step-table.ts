import { build } from "esbuild";
import * as errors from "../../functions/core/errors.ts";
import { functionNames } from "../../infra/bundle.ts";
import { impliedOf } from "../../infra/iam/implied.ts";
import { actionsOf } from "../../infra/iam/permissions.ts";
import { type Machine, readMachines } from "../../infra/machines.ts";
import { kebabCase, pascalCase } from "../../infra/names.ts";
import { type State, statesOf } from "../statemachines/machine.ts";
import { root } from "./import-graph.ts";

/** The README's table: every state with its machines, its file, what it calls of AWS and which errors it can throw. */
export const stepTable = async (): Promise<string> => {
  const thrown = await errorsThrown();
  const states = new Set([
    ...readMachines().sort(byLength).flatMap(tasksIn),
    ...(await functionNames()).map(pascalCase),
  ]);
  const rows = [...states].map((state) => {
    const file = kebabCase(state);
    return [
      state,
      machinesOf(state),
      `[${file}.ts](functions/${file}.ts)`,
      callsOf(file),
      thrown
        .get(file)!
        .filter((error) => error !== "WornOutError" || hasClock(state))
        .join(", "),
    ];
  });
  return [["state", "machines", "file", "AWS calls", "errors"], Array(5).fill("---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
};

const byLength = (one: Machine, other: Machine) =>
  tasksIn(other).length - tasksIn(one).length || one.name.localeCompare(other.name);

/** Names of the tasks in the order of the file, those of a Map in its place. */
const tasksIn = ({ definition }: Pick<Machine, "definition">): string[] =>
  Object.entries((definition as State).States as Record<string, State>).flatMap(([name, { Type, ItemProcessor }]) =>
    Type === "Task" ? [name] : ItemProcessor ? tasksIn({ definition: ItemProcessor }) : [],
  );

const machinesOf = (state: string) => {
  const machines = readMachines().filter((machine) => tasksIn(machine).includes(state));
  return machines.map(({ name }) => name).join(", ") || "by schedule and event";
};

/** Whether a machine tells its tries when the state was entered, without which none of them is worn out. */
const hasClock = (state: string) =>
  readMachines().some(
    (machine) => tasksIn(machine).includes(state) && JSON.stringify(machine.definition).includes("$$.State."),
  );

/** As the function's role allows them, without what AWS checks beside the call. */
const callsOf = (file: string) => {
  const calls = actionsOf(file).filter((action) => !impliedOf(file)[action]);
  const byService = Map.groupBy(calls, (action) => action.split(":")[0]!);
  return [...byService].map(([service, actions]) => `${service}: ${actions.map(verb).join(", ")}`).join("; ");
};
const verb = (action: string) => action.split(":")[1]!;

const own = new Set(Object.keys(errors).filter((name) => name.endsWith("Error")));

/** The error classes that are left in each function when everything that it does not use is dropped. */
const errorsThrown = async (): Promise<Map<string, string[]>> => {
  const { outputFiles } = await build({
    entryPoints: (await functionNames()).map((name) => `functions/${name}.ts`),
    absWorkingDir: root,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    outdir: "nowhere",
    write: false,
  });
  return new Map(
    outputFiles.map(({ path, text }) => {
      const made = [...text.matchAll(/\bnew (\w+Error)\(/g)].map(([, name]) => name!);
      return [path.replace(/^.*\/|\.js$/g, ""), [...new Set(made)].filter((name) => own.has(name)).sort()];
    }),
  );
};

/** States of the machines that make an error themselves. */
export const errorsMade = (): string =>
  [
    ...Map.groupBy(
      statesOf("Pass").filter(({ state }) => state.Result?.Error),
      ({ state }) => state.Result.Error as string,
    ),
  ]
    .map(([error, made]) => `${error}: ${made.map(({ name }) => name).join(", ")}`)
    .join("; ");
