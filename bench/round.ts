import { callFigures, copyFigures, type Figures, inOrder, measureFigures } from "./figures.ts";
import { copiesIn, populate } from "./fleet.ts";
import { primary } from "./names.ts";
import { type Ended, freePorts, type Program, runProgram, startMoto } from "./processes.ts";
import { type CountingProxy, startProxy } from "./proxy/proxy.ts";
import { type Regime, usableSlots } from "./regimes.ts";
import type { Parts, Tool } from "./tools/tool.ts";

/** Plays one regime with one tool on a fleet of its own, and gives its line. */
export const playRound = async (tool: Tool, regime: Regime, volumes: number, seed: number): Promise<Figures> => {
  const [motoPort = 0, proxyPort = 0] = await freePorts(2);
  const moto = await startMoto(motoPort);
  const proxy = await startProxy(proxyPort, motoPort, regime, seed);
  try {
    const motoEndpoint = `http://127.0.0.1:${motoPort}`;
    // one instance a call where pages count: moto gives a call's instances as one reservation
    await populate(motoEndpoint, volumes, regime.pageMax ? 1 : 250);
    const parts = await tool.prepare({ endpoint: proxy.endpoint, regime, volumes });
    for (const program of parts.before) await mustEnd(program);
    const before = new Set(regime.idle ? [] : (await copiesIn(motoEndpoint)).keys());
    proxy.measure();

    const counted = createCounted(proxy);
    if (regime.idle) await counted.run(parts.idle);
    else if (regime.killed) await counted.killed(parts, volumes);
    else await counted.run(parts.copies);
    const [inFlightMax, full] = [proxy.slots.inFlightMax(), fullOf(proxy, regime)];
    for (const program of parts.again) tellEnd(program, await runProgram(program));
    const copies = await copiesIn(motoEndpoint);
    if (!regime.idle) await counted.run(parts.prune);
    const kept = tool.keepsNewest && !regime.idle ? await copiesIn(motoEndpoint) : copies;

    const calls = proxy.tally.calls();
    tellCalls(tool.name, regime, volumes, proxy);
    return inOrder({
      tool: tool.name,
      version: tool.version,
      volumes,
      regime: regime.letter,
      ...callFigures(calls, primary, volumes),
      ...measureFigures(counted.seconds(), counted.rssMiB(), inFlightMax, full),
      ...copyFigures(kept, before, proxy.isPending, volumes),
      exit: counted.code(),
    });
  } finally {
    await proxy.close();
    await moto.stop();
  }
};

const fullOf = (proxy: CountingProxy, regime: Regime) => {
  const usable = usableSlots(regime);
  return usable === null || regime.copySeconds === 0 ? null : proxy.slots.fullPercent(usable);
};

/** Runs programs with their calls counted; seconds are those of the clock that the proxy and the tool share. */
const createCounted = (proxy: CountingProxy) => {
  const ended: Ended[] = [];
  let milliseconds = 0;
  const run = async (programs: Program[], started?: (kill: () => void) => void) => {
    proxy.tally.on();
    for (const program of programs) {
      const from = proxy.now();
      const end = await runProgram(program, started);
      milliseconds += proxy.now() - from;
      ended.push(end);
      tellEnd(program, end);
    }
    proxy.tally.off();
  };
  return {
    run,
    /** Killed when half of the copies are asked for, before the reply; then run again. */
    async killed({ copies, rerun }: Parts, volumes: number) {
      let kill = () => {};
      let done = false;
      proxy.whenCopied((count) => {
        if (done || count < volumes / 2) return false;
        done = true;
        kill();
        return true;
      });
      await run(copies, (killer) => {
        kill = killer;
      });
      ended.pop();
      await run(rerun);
    },
    seconds: () => milliseconds / 1_000,
    rssMiB: () => Math.max(...ended.map(({ rssMiB }) => rssMiB)),
    code: () => {
      const bad = ended.find(({ code }) => code !== 0);
      return bad ? bad.code : 0;
    },
  };
};

const mustEnd = async (program: Program) => {
  const end = await runProgram(program);
  if (end.code !== 0)
    throw new Error(`${program.command} ${program.args.join(" ")} ended with ${end.code}:\n${end.said}`);
};

const tellEnd = ({ command, args }: Program, { code, said }: Ended) => {
  const [projection] = /^projection .*$/m.exec(said) ?? [];
  if (projection) console.error(projection);
  if (code === 0 && !process.env.BENCH_VERBOSE) return;
  console.error(`${command} ${args.join(" ")} ended with ${code}; it said at the end:\n${said.slice(-2_000)}`);
};

/** To standard error, for those who look for calls to save. */
const tellCalls = (tool: string, { letter }: Regime, volumes: number, proxy: CountingProxy) => {
  const lines = proxy.tally
    .calls()
    .toSorted((a, b) => b.count - a.count)
    .map(({ service, operation, region, count }) => `  ${count} ${service} ${operation} ${region}`);
  console.error(
    [`${tool}, regime ${letter}, ${volumes} volumes, ${proxy.throttles()} throttles; calls:`, ...lines].join("\n"),
  );
};
