import type { Resource } from "../../functions/core/model/plan.ts";
import type { Server } from "../../functions/core/model/server.ts";
import type { Execution } from "../machines/executions.ts";
import { isPass, runsOf } from "../machines/runs.ts";
import type { InvariantCheck, JudgedStory } from "./invariant.ts";

/** Invariant 10, as waves have no branches that could fail: judged from what became of each server of a run. */
export const waveInvariants: Record<string, InvariantCheck> = {
  "10 no server's failure stops the others": (seen) =>
    runsOf(seen.executions).flatMap((run) => {
      const servers = seen.servers(run.name);
      return [...stopped(run), ...dragged(servers), ...misjudged(seen, run, servers)].map(
        (what) => `${run.name}: ${what}`,
      );
    }),
};

/** A pass goes over many servers: what fails for one is written into its item, and never ends the pass. */
const stopped = ({ invocations }: Execution) =>
  invocations
    .filter(({ state, outcome }) => isPass(state) && outcome === "ResourceFailedError")
    .map(({ state }) => `the failure of one server ended ${state}`);

/** A server is lost for a reason of its own. */
const dragged = (servers: Server[]) =>
  servers
    .filter(({ state, name, error }) => {
      const isOwn = error?.message.startsWith(`${name}:`) || error?.message.startsWith(`${name} `);
      return state === "lost" && error?.name === "ResourceFailedError" && !isOwn;
    })
    .map(({ name, error }) => `${name} is lost for no error of its own: ${error?.message}`);

/** Whether the plan's `minimum`, and nothing else, decided whether the run went on; and whether all of a wave that failed were tried. */
const misjudged = ({ plan }: JudgedStory, run: Execution, servers: Server[]): string[] => {
  const last = run.invocations.findLast(({ state }) => state === "JudgeWave");
  if (!last) return [];
  const failed = last.outcome === "ResourceFailedError";
  const passed = (run.results.get("JudgeWave") as { next: number } | undefined)?.next ?? 0;
  const isShort = (resource: Resource) => {
    const own = servers.filter((one) => one.resource === resource.name);
    const wanted = Math.ceil((own.length * resource.launch.minimumPercent) / 100);
    return own.filter(({ state }) => state === "served").length < wanted;
  };
  const inWaves = (waves: string[][]) => plan.protect.filter(({ name }) => waves.some((wave) => wave.includes(name)));
  const judged = plan.recover.waves.slice(passed, passed + 1);
  const left = servers.filter(({ state, wave }) => wave === passed && state !== "served" && state !== "lost");
  return [
    ...inWaves(plan.recover.waves.slice(0, passed))
      .filter(isShort)
      .map(({ name }) => `the run continued without the minimum of ${name}`),
    ...(failed && !inWaves(judged).some(isShort) ? [`wave ${passed} failed although every minimum was met`] : []),
    ...(failed ? left.map(({ name, state }) => `${name} was left ${state} when its wave failed`) : []),
  ];
};
