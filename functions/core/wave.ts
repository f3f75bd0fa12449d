import { readError } from "./outcome.ts";
import type { Resource } from "./plan.ts";
import type { ServerRef } from "./run.ts";

/** How the Map over a wave ended for one server. `cause` as a machine's `Cause`. */
export type ServerResult = { ok: boolean; resource: string; server: string; error?: string; cause?: string };

export type FailedServer = { server: string; error: string; cause: string };
export type WaveJudgement = {
  action: "go-on" | "fail";
  code: "EnoughServers" | "TooFewServers";
  because: string;
  good: number;
  wanted: number;
  failed: FailedServer[];
};

/** So many of the servers of a resource are enough to go on. */
export const minimumOf = (servers: number, { launch }: Resource) => Math.ceil((servers * launch.minimumPercent) / 100);

/** Enough servers of every resource of the wave? A server without a result counts as failed. */
export const judgeWave = (servers: ServerRef[], results: ServerResult[], resources: Resource[]): WaveJudgement => {
  const resultOf = ({ server }: ServerRef) => results.find((result) => result.server === server);
  const isGood = (server: ServerRef) => resultOf(server)?.ok === true;
  const failed = servers
    .filter((server) => !isGood(server))
    .map((server) => {
      const { error = "NoResult", cause = "it gave no result" } = resultOf(server) ?? {};
      const read = readError({ Error: error, Cause: cause });
      return { server: server.name, error: read.name, cause: read.message };
    });
  const groups = resources.map((resource) => {
    const own = servers.filter((server) => server.resource === resource.name);
    return { name: resource.name, good: own.filter(isGood).length, wanted: minimumOf(own.length, resource) };
  });
  const good = servers.filter(isGood).length;
  const wanted = groups.reduce((sum, group) => sum + group.wanted, 0);
  const short = groups.filter((group) => group.good < group.wanted);
  if (short.length === 0) {
    const because = `${good} of ${servers.length} servers recovered, ${wanted} needed`;
    return { action: "go-on", code: "EnoughServers", because, good, wanted, failed };
  }
  const counts = short.map((group) => `${group.name}: ${group.good} recovered, ${group.wanted} needed`).join("; ");
  const causes = failed.map(({ server, error, cause }) => `${server}: ${error}: ${cause}`).join("; ");
  return { action: "fail", code: "TooFewServers", because: `${counts} (${causes})`, good, wanted, failed };
};
