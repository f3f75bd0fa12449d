/** Benchmark of a failover of 10 to 1,000 servers: RTO, calls, history and cost. */

import { runScript } from "../infra/script.ts";
import { UsageError } from "../terminal/output.ts";
import { playWaveFleet } from "../test/support/wave-fleet.ts";

const transitionUsd = 0.025 / 1_000;
const script = {
  name: "bench:waves",
  does: "How a failover grows with its servers, simulated; a tenth of them never serve. Writes the table of docs/benchmarks.md.",
  options: {},
  rest: "SERVERS...",
};

await runScript(script, async ({ rest }, { out }) => {
  const sizes = rest.map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new UsageError(`SERVERS: expected whole numbers (got ${rest.join(" ")})`, "npm run bench:waves -- 10 100");
  out(
    "| servers | waves | minimum | outcome | RTO s | of its oracle | calls | RunInstances | history events | payload B | Step Functions $ |",
  );
  out("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const servers of sizes.length > 0 ? sizes : [10, 100, 1_000])
    for (const waves of [1, 5])
      for (const minimumPercent of [80, 100]) {
        const mute = Math.ceil(servers / 10);
        const figures = await playWaveFleet({ servers, waves, minimumPercent, mute });
        const { outcome, rtoSeconds, oracleSeconds, calls, runInstances, historyEvents, payloadBytes, transitions } =
          figures;
        const dollars = (transitions * transitionUsd).toFixed(3);
        const rto = rtoSeconds === null ? "none" : Math.round(rtoSeconds);
        const ratio = rtoSeconds === null || !oracleSeconds ? "none" : (rtoSeconds / oracleSeconds).toFixed(3);
        out(
          `| ${[servers, waves, `${minimumPercent} %`, outcome, rto, ratio, calls, runInstances, historyEvents, payloadBytes, dollars].join(" | ")} |`,
        );
        for (const { name, detail } of figures.broken) out(`invariant broken: ${name}: ${detail}`);
      }
});
