/** One server of the source: its EC2 state, `gone` (EC2 no longer lists it), or `unknown` (nobody answered). */
export type FencedServer = { server: string; state: string };

export type FenceDecision = {
  /** `again`: the source answers, so that a further try may prove the fence. */
  action: "go-on" | "again" | "refuse";
  code: "Fenced" | "NothingToFence" | "SourceSilent" | "StopUnanswered" | "NotProven";
  fenced: boolean;
  because: string;
};

/** A server that is stopping takes no new work and cannot come back by itself. */
const proven = new Set(["stopping", "stopped", "shutting-down", "terminated", "gone"]);

export const isProven = ({ state }: FencedServer) => proven.has(state);

/** A running server is asked to stop; so is one that nobody could tell about. A pending one refuses to. */
export const mayStop = (state: string) => state === "running" || state === "unknown";

/** What came of asking the servers to stop: `refused` = for good, for one of them at least. */
export type StopResult = { asked: boolean; answered: boolean; refused: boolean };

/**
 * Law 2: is the source fenced, and may the run go on? Only a source that cannot be reached is left unfenced, and only
 * by best-effort: one that answers has servers that can be stopped, or that a person must stop. `answered`: did EC2 of
 * the source answer any call.
 */
export const judgeFence = ({
  servers,
  answered,
  stop,
  source,
  policy,
}: {
  servers: FencedServer[];
  answered: boolean;
  stop: StopResult;
  source: string;
  policy: "required" | "best-effort";
}): FenceDecision => {
  if (servers.length === 0)
    return { action: "go-on", code: "NothingToFence", fenced: true, because: "the plan has no server to stop" };
  const open = servers.filter((server) => !isProven(server));
  if (open.length === 0)
    return { action: "go-on", code: "Fenced", fenced: true, because: provenSentence(servers, source) };

  const [action, rule] =
    policy === "required"
      ? (["refuse", "the plan requires the fence"] as const)
      : (["go-on", "the plan says best-effort, so the run goes on without it"] as const);
  if (!answered) {
    const because = `${source} did not answer: whether it still runs ${count(servers)} is not known; ${rule}`;
    return { action, code: "SourceSilent", fenced: false, because };
  }
  const named = open.slice(0, 5).map(({ server, state }) => `${server} (${state})`);
  const more = open.length > named.length ? ` and ${open.length - named.length} more` : "";
  const still = `${named.join(", ")}${more}`;
  if (stop.asked && !stop.answered) {
    const because = `${source} lists its servers but does not answer when told to stop them: ${still}; ${rule}`;
    return { action, code: "StopUnanswered", fenced: false, because };
  }
  const because = `${source} answers, but these are not proven to be stopped: ${still}`;
  return { action: stop.refused ? "refuse" : "again", code: "NotProven", fenced: false, because };
};

const provenSentence = (servers: FencedServer[], source: string) => {
  const stopping = servers.filter(({ state }) => state === "stopping" || state === "shutting-down").length;
  const rest = stopping ? ` (${stopping} still stopping: they take no new work)` : "";
  return `read back from ${source}: ${count(servers)} stopped${rest}`;
};

const count = (servers: unknown[]) => `${servers.length} server${servers.length === 1 ? "" : "s"}`;

type Told = { state: string; subject: string; detail: Record<string, unknown> };

/** Servers that the fence of a run asked to stop, from the run's ledger: known even when the step died or refused. */
export const stoppedByFence = (ledger: Told[]): string[] => {
  const stopped = ledger.find(({ state, subject }) => state === "Fence" && subject === "")?.detail.stopped;
  return Array.isArray(stopped) ? stopped : [];
};
