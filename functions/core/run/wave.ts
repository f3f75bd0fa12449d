import { splitHint } from "../errors.ts";
import type { Resource } from "../model/plan.ts";
import { isOpen, type Server } from "../model/server.ts";

export type FailedServer = { server: string; error: string; cause: string };
export type WaveJudgement = {
  action: "go-on" | "fail";
  code: "EnoughServers" | "TooFewServers";
  because: string;
  good: number;
  wanted: number;
  /** Names of those that the wave does not wait for any longer. */
  late: string[];
  failed: FailedServer[];
};

/** The number of servers of a resource that is enough to go on. */
export const minimumOf = (servers: number, { launch }: Resource) => Math.ceil((servers * launch.minimumPercent) / 100);

/** An error of a Lambda and an item of the table have room for so many. */
const namedMax = 20;

export const failureOf = ({ name, error, because }: Server): FailedServer => ({
  server: name,
  error: error?.name ?? "DeadlineExceededError",
  cause: splitHint(error?.message || because || "it was not ready in time").message,
});

/** Enough servers of every resource of the wave? One that is neither good nor lost is late. */
export const judgeWave = (servers: Server[], resources: Resource[]): WaveJudgement => {
  const isGood = ({ state }: Server) => state === "served";
  const groups = resources.map((resource) => {
    const own = servers.filter((server) => server.resource === resource.name);
    return { name: resource.name, good: own.filter(isGood).length, wanted: minimumOf(own.length, resource) };
  });
  const good = servers.filter(isGood).length;
  const wanted = groups.reduce((sum, group) => sum + group.wanted, 0);
  const failed = servers.filter(({ state }) => state === "lost").map(failureOf);
  const late = servers.filter(isOpen).map(({ name }) => name);
  const counts = { good, wanted, late, failed };
  const short = groups.filter((group) => group.good < group.wanted);
  if (short.length === 0) {
    const behind = late.length ? `; ${named(late)} ${late.length > 1 ? "continue" : "continues"} in parallel` : "";
    const because = `${good} of ${servers.length} servers recovered, ${wanted} needed${behind}`;
    return { action: "go-on", code: "EnoughServers", because, ...counts };
  }
  const sums = short.map((group) => `${group.name}: ${group.good} recovered, ${group.wanted} needed`).join("; ");
  const causes = [...failed, ...servers.filter(isOpen).map(failureOf)];
  const details = named(
    causes.map(({ server, error, cause }) => `${server}: ${error}: ${cause}`),
    "; ",
  );
  return { action: "fail", code: "TooFewServers", because: `${sums} (${details})`, ...counts };
};

/** What became of the servers that no wave waited for. */
export const judgeLate = (servers: Server[]) => {
  const late = servers.filter((one) => one.late);
  const served = late.filter(({ state }) => state === "served");
  const failed = late.filter(({ state }) => state !== "served").map(failureOf);
  const parts = [
    ...(served.length ? [`${named(served.map(({ name }) => name))} served after its wave`] : []),
    ...(failed.length
      ? [
          `given up: ${named(
            failed.map(({ server, cause }) => `${server}: ${cause}`),
            "; ",
          )}`,
        ]
      : []),
  ];
  return { because: parts.join("; "), failed };
};

export const named = (texts: string[], separator = ", ") =>
  texts.length > namedMax
    ? `${texts.slice(0, namedMax).join(separator)}${separator}and ${texts.length - namedMax} more`
    : texts.join(separator);
