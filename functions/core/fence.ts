/**
 * One server of the source: its EC2 state, `isolated` (it runs, and nothing gets in or out of its subnets), `gone` (EC2
 * no longer lists it), or `unknown` (nobody answered).
 */
export type FencedServer = { server: string; state: string };

export type FenceDecision = {
  /** `again`: the source answers, so that a further try may prove the fence. */
  action: "go-on" | "again" | "refuse";
  code:
    | "Fenced"
    | "NothingToFence"
    | "SourceSilent"
    | "StopUnanswered"
    | "NotProven"
    | "NotIsolable"
    | "GroupActive"
    | "SelectionUnread";
  fenced: boolean;
  because: string;
};

/** A server that is stopping takes no new work and cannot come back by itself. */
const proven = new Set(["isolated", "stopping", "stopped", "shutting-down", "terminated", "gone"]);

export const isProven = ({ state }: FencedServer) => proven.has(state);

/** A running server is asked to stop; so is one that nobody could tell about. A pending one refuses to. */
export const mayStop = (state: string) => state === "running" || state === "unknown";

/** What came of asking the servers to stop: `refused` = for good, for one of them at least. */
export type StopResult = { asked: boolean; answered: boolean; refused: boolean };

/** Auto Scaling groups of these servers that are not proven to be suspended, and what came of asking. */
export type GroupResult = { open: string[]; answered: boolean; refused: boolean };

/** A listing may lag behind the reply to StopInstances; a reply alone, without a listing, proves nothing. */
export const stateAfter = (
  server: string,
  replies: { id: string; state: string }[],
  after: Map<string, string> | null,
): string => {
  if (!after) return "unknown";
  const listed = { server, state: after.get(server) ?? "gone" };
  const replied = { server, state: replies.find(({ id }) => id === server)?.state ?? "unknown" };
  return isProven(replied) && !isProven(listed) ? replied.state : listed.state;
};

/**
 * May servers be stopped while these groups may still replace them? Not if the run could not go on afterwards (law 11):
 * only groups of which nobody tells are left behind, and only by best-effort.
 */
export const mayStopBehind = ({ open, answered }: GroupResult, policy: "required" | "best-effort"): boolean =>
  open.length === 0 || (!answered && policy === "best-effort");

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
  groups,
  problems,
  unread,
}: {
  servers: FencedServer[];
  answered: boolean;
  stop: StopResult;
  groups: GroupResult;
  /** Why servers can be neither stopped nor isolated, a sentence each. */
  problems: string[];
  /** What came of listing what the plan selects; null = it was read. */
  unread: { answered: boolean; refused: boolean } | null;
  source: string;
  policy: "required" | "best-effort";
}): FenceDecision => {
  if (problems.length > 0)
    return { action: "refuse", code: "NotIsolable", fenced: false, because: problems.join("; ") };
  if (servers.length === 0 && !unread)
    return { action: "go-on", code: "NothingToFence", fenced: true, because: "the plan has no server to stop" };
  const open = servers.filter((server) => !isProven(server));
  if (open.length === 0 && groups.open.length === 0 && !unread)
    return { action: "go-on", code: "Fenced", fenced: true, because: provenSentence(servers, source) };

  const [action, rule] =
    policy === "required"
      ? (["refuse", "the plan requires the fence"] as const)
      : (["go-on", "the plan says best-effort, so the run goes on without it"] as const);
  if (!answered) {
    const because = `${source} did not answer: whether it still runs ${count(servers)} is not known; ${rule}`;
    return { action, code: "SourceSilent", fenced: false, because };
  }
  if (groups.open.length > 0) {
    const because = `${source} does not suspend Auto Scaling, which may replace what is stopped: ${groups.open.join(", ")}`;
    if (!groups.answered) return { action, code: "StopUnanswered", fenced: false, because: `${because}; ${rule}` };
    return { action: groups.refused ? "refuse" : "again", code: "GroupActive", fenced: false, because };
  }
  if (open.length === 0 && unread) {
    const because = `${source} does not list what the plan selects there, which may be more than the points know`;
    if (!unread.answered) return { action, code: "SelectionUnread", fenced: false, because: `${because}; ${rule}` };
    return { action: unread.refused ? "refuse" : "again", code: "SelectionUnread", fenced: false, because };
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
  const isolated = servers.filter(({ state }) => state === "isolated");
  const stopped = servers.filter(({ state }) => state !== "isolated");
  const rest = stopping ? ` (${stopping} still stopping: they take no new work)` : "";
  const told = [
    ...(stopped.length > 0 ? [`${count(stopped)} stopped${rest}`] : []),
    ...(isolated.length > 0 ? [`${count(isolated)} isolated by network ACL`] : []),
  ];
  return `read back from ${source}: ${told.join(", ")}`;
};

const count = (servers: unknown[]) => `${servers.length} server${servers.length === 1 ? "" : "s"}`;
