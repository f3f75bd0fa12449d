import type { Dependencies, Dependency } from "../simulator/story/dependencies.ts";
import type { Paint } from "../terminal/format.ts";

/** What each path is for, beside its name. */
const purposes: Record<string, string> = {
  detect: "each minute, while the primary Region does not answer",
  failover: "from the decision until users are served again",
  close: "cleans up after runs that died",
  guard: "isolates old servers that start again after a failover",
  sense: "sends the heartbeat of its Region",
  replicate: "in normal operation",
  rotate: "in normal operation",
};

/** A table for each path, then the verdict: one line a problem. */
export const dependencyLines = (file: string, found: Dependencies, paint: Paint): string[] => {
  const rows = found.dependencies.map((one) => ({ one, cells: cellsOf(one) }));
  const width = (at: 0 | 1) => Math.max(...rows.map(({ cells }) => cells[at].length));
  const [first, second] = [width(0), width(1)];
  const paths = [...Map.groupBy(rows, ({ one }) => one.path)];
  const tables = paths.flatMap(([path, of]) => [
    `${paint.bold(path)} ${paint.dim(purposes[path] ?? "")}`.trimEnd(),
    ...of.map(({ one, cells: [call, region, rest] }) => {
      const line = `  ${call.padEnd(first)}  ${region.padEnd(second)}  ${rest}`;
      return one.needed ? line : paint.dim(line);
    }),
  ]);
  const rehearsals = found.rehearsals.map(({ name, outcome }) => `${file}: rehearsed (simulated), ${name}: ${outcome}`);
  return [
    `${paint.bold("AWS calls of each path")} ${paint.dim(`from a rehearsal, seed ${found.seed}, simulated`)}`,
    ...tables,
    ...rehearsals,
    ...found.warnings.map((warning) => `${file}: ${paint.yellow("warning:")} ${warning}`),
    ...found.problems.flatMap((problem) => [
      `${file}: ${paint.red("problem:")} ${problem.message}`,
      `${paint.dim("next:")} ${problem.hint}`,
    ]),
  ];
};

/** Three columns: on a narrow terminal the last one goes on below itself. */
const cellsOf = ({ service, operation, region, plane, home, calls, needed }: Dependency) =>
  [
    `${service} ${operation}`,
    region,
    `${home ? "global " : ""}${plane} plane, ${calls} ${calls === 1 ? "call" : "calls"}, ${needed ? "needed" : "optional"}`,
  ] as const;
