import { playWaveFleet } from "../test/support/wave-fleet.ts";

/**
 * How a failover grows with its servers: `npm run bench:waves [-- SERVERS...]`, simulated. A tenth of the servers never
 * serve. Writes the table of docs/benchmarks.md.
 */
const sizes = process.argv.slice(2).map(Number);
const transitionUsd = 0.025 / 1_000;

console.log(
  "| servers | waves | minimum | outcome | RTO s | of its oracle | calls | RunInstances | history events | payload B | Step Functions $ |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
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
      console.log(
        `| ${[servers, waves, `${minimumPercent} %`, outcome, rto, ratio, calls, runInstances, historyEvents, payloadBytes, dollars].join(" | ")} |`,
      );
      for (const { name, detail } of figures.broken) console.log(`law broken: ${name}: ${detail}`);
    }
