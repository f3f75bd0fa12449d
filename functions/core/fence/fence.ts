import { limits } from "../limits.ts";
import { type Held, heldOf } from "./undo-log.ts";

/**
 * One server of the source: its EC2 state, `isolated` (it runs, and nothing gets in or out of its subnets), `gone` (EC2
 * no longer lists it), or `unknown` (nobody answered).
 */
export type FencedServer = { server: string; state: string };

export type FenceDecision = {
  /** `again`: the source answers, so that a further try may prove the fence. `wait`: what was asked for takes its time. */
  action: "go-on" | "wait" | "again" | "refuse";
  code:
    | "Fenced"
    | "NothingToFence"
    | "SourceSilent"
    | "StopUnanswered"
    | "Stopping"
    | "NotProven"
    | "NotIsolable"
    | "GroupActive"
    | "SelectionUnread";
  fenced: boolean;
  because: string;
};

const proven = new Set(["isolated", "stopped", "terminated", "gone"]);

/** Whether a server takes no writes any more, and cannot come back by itself. */
export const isProven = ({ state }: FencedServer) => proven.has(state);

/** Its power button was pressed; its services go on until the shutdown has come to them. [EC2:how-ec2-instance-stop-start-works] */
const isEnding = ({ state }: FencedServer) => state === "stopping" || state === "shutting-down";

/** Servers that shut down for longer than they may, counted from when they were told to, or first seen at it. */
export const hangingOf = (servers: FencedServer[], held: Held[], now: Date): string[] => {
  const since = new Map(heldOf(held, "server").map(({ id, at }) => [id, Date.parse(at)]));
  const isLate = (server: string) =>
    now.getTime() - (since.get(server) ?? now.getTime()) >= limits.shutdownSeconds * 1_000;
  return servers.flatMap(({ server, state }) => (state === "stopping" && isLate(server) ? [server] : []));
};

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
  const isTold = (one: FencedServer) => isProven(one) || isEnding(one);
  return isTold(replied) && !isTold(listed) ? replied.state : listed.state;
};

/**
 * May servers be stopped while these groups may still replace them? Not if the run could not go on afterwards (law 11):
 * only groups of which nobody tells are left behind, and only by best-effort.
 */
export const mayStopBehind = ({ open, answered }: GroupResult, policy: "required" | "best-effort"): boolean =>
  open.length === 0 || (!answered && policy === "best-effort");

/**
 * Law 2: is the source fenced, and may the run go on? A server that shuts down is waited for. `best-effort` accepts what
 * cannot be helped: a source that does not answer, at once, and a server that hangs as it stops, though it was stopped by
 * force, after `limits.fenceSeconds`. Whatever else answers must be proven, or a person must stop it. `answered`: did EC2
 * of the source answer any call; `seconds`: since the first look.
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
  seconds,
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
  seconds: number;
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
      ? ([seconds < limits.fenceSeconds ? "wait" : "refuse", "the plan requires the fence"] as const)
      : (["go-on", "the plan says best-effort, so the run goes on without it"] as const);
  if (!answered) {
    const because = `${source} did not answer: whether it still runs ${count(servers.length)} is not known; ${rule}`;
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
  if (open.every(isEnding)) {
    const because = `told to stop, these may take writes until they have: ${still}`;
    const secondsMax = policy === "required" ? limits.passingSeconds : limits.fenceSeconds;
    if (seconds < secondsMax) return { action: "wait", code: "Stopping", fenced: false, because };
    const hang = `${because}; they hang, though stopped by force; ${rule}`;
    return { action: policy === "required" ? "refuse" : "go-on", code: "Stopping", fenced: false, because: hang };
  }
  if (stop.asked && !stop.answered) {
    const because = `${source} lists its servers but does not answer when told to stop them: ${still}; ${rule}`;
    return { action, code: "StopUnanswered", fenced: false, because };
  }
  const because = `${source} answers, but these are not proven to be stopped: ${still}`;
  return { action: stop.refused ? "refuse" : "again", code: "NotProven", fenced: false, because };
};

const provenSentence = (servers: FencedServer[], source: string) => {
  const isolated = servers.filter(({ state }) => state === "isolated");
  const stopped = servers.length - isolated.length;
  const told = [
    ...(stopped > 0 ? [`${count(stopped)} stopped`] : []),
    ...(isolated.length > 0 ? [`${count(isolated.length)} isolated by network ACL`] : []),
  ];
  return `read back from ${source}: ${told.join(", ")}`;
};

/** A shutdown takes a minute: looked at often, as users wait for it; a hanging one is looked at less often. */
export const fenceWaitSeconds = (seconds: number): number =>
  seconds < limits.shutdownSeconds ? limits.pollSecondsMin : 10;

/** What a person does about servers that EC2 does not stop; "" when there are none. */
export const remediesOf = (region: string, unstoppable: { server: string; code: string }[]): string =>
  unstoppable
    .map(({ server, code }) => {
      const how = `--region ${region} --instance-id`;
      if (code === "OperationNotPermitted")
        return `aws ec2 modify-instance-attribute ${how} ${server} --no-disable-api-stop`;
      const end = `aws ec2 terminate-instances ${how}s ${server}`;
      return code === "UnsupportedOperation" ? `${end} (a one-time Spot Instance is never stopped)` : "";
    })
    .filter(Boolean)
    .map((command) => `Run ${command}.`)
    .join(" ");

const count = (servers: number) => `${servers} server${servers === 1 ? "" : "s"}`;
