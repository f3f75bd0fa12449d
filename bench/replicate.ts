/** Benchmark of a replication pass: calls, time and memory of each tool in each regime. */

import { runScript } from "../infra/script.ts";
import { atAnyEnd } from "../test/moto/suite.ts";
import { readArguments, script, toolNames } from "./arguments.ts";
import { type Figures, table } from "./figures.ts";
import { stopAll } from "./processes.ts";
import { playRound } from "./round.ts";
import { lifeboat } from "./tools/lifeboat.ts";
import { c7n, shelvery } from "./tools/peers.ts";
import type { Tool } from "./tools/tool.ts";
import { playVirtual } from "./virtual.ts";

atAnyEnd(stopAll);

const makers: Record<string, (heapMiB: number | null) => Tool> = { lifeboat, c7n, shelvery };

const main = async (out: (line: string) => void) => {
  const options = readArguments(process.argv.slice(2));
  const rows: Figures[] = [];
  const tell = (figures: Figures) => {
    rows.push(figures);
    if (options.json) out(JSON.stringify(figures));
  };
  const tools = toolNames.filter((name) => options.tools.includes(name)).map((name) => makers[name]!(options.heapMiB));
  for (const volumes of options.volumes)
    for (const regime of options.regimes) {
      if (options.clock === "virtual") tell(await playVirtual(regime, volumes, options.seed));
      for (const tool of options.clock === "virtual" ? [] : tools) {
        if (volumes > tool.volumesMax) {
          console.error(
            `${tool.name}: left out with ${volumes} volumes: ${tool.volumesMax} are the most (docs/benchmarks.md)`,
          );
          continue;
        }
        tell(await playRound(tool, regime, volumes, options.seed));
      }
    }
  if (!options.json) out(table(rows));
};

await runScript(script, async (_, { out }) => {
  try {
    await main(out);
  } finally {
    stopAll();
  }
});
