import { readArguments, toolNames, usage } from "./arguments.ts";
import { type Figures, table } from "./figures.ts";
import { lifeboat } from "./lifeboat.ts";
import { c7n, shelvery } from "./peers.ts";
import { stopAll } from "./processes.ts";
import { playRound } from "./round.ts";

process.on("exit", stopAll);
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(signal, () => process.exit(code));

const makers: Record<string, () => import("./tool.ts").Tool> = { lifeboat, c7n, shelvery };

const main = async () => {
  const options = readArguments(process.argv.slice(2));
  const rows: Figures[] = [];
  const tools = toolNames.filter((name) => options.tools.includes(name)).map((name) => makers[name]!());
  for (const volumes of options.volumes)
    for (const regime of options.regimes)
      for (const tool of tools) {
        if (volumes > tool.volumesMax) {
          console.error(
            `${tool.name}: left out with ${volumes} volumes: ${tool.volumesMax} are the most (docs/benchmarks.md)`,
          );
          continue;
        }
        const figures = await playRound(tool, regime, volumes, options.seed);
        rows.push(figures);
        if (options.json) console.log(JSON.stringify(figures));
      }
  if (!options.json) console.log(table(rows));
};

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  if (/^(--|Unknown option|Unexpected argument|Option)/.test((error as Error).message)) console.error(usage);
  process.exitCode = 2;
} finally {
  stopAll();
}
