import { limits } from "../limits.ts";
import type { Plan } from "../model/plan.ts";
import { type FencedServer, isEnding, isProven, type Reply } from "./facts.ts";
import type { FenceOutcome, GroupReply } from "./outcome.ts";

type Policy = Plan["recover"]["fence"];

export type FenceVerdict = {
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

/**
 * May servers be stopped while these groups may still replace them? Not if the run could not go on afterwards (invariant 11):
 * only when Auto Scaling does not answer, and only by best-effort.
 */
export const mayStopBehind = ({ open, answered }: Pick<GroupReply, "open" | "answered">, policy: Policy): boolean =>
  open.length === 0 || (!answered && policy === "best-effort");

/**
 * Invariant 2: is the source fenced, and may the run go on? A server that shuts down is waited for. `best-effort` goes on without
 * proof at once when the source does not answer, and after `limits.fenceSeconds` when a server hangs though it was stopped
 * by force. In every other case the stop must be proven, or an operator must stop the server. `answered`: EC2 of the source
 * answered any call; `seconds`: since the first pass.
 */
export const judgeFence = (
  given: Pick<FenceOutcome, "servers" | "answered" | "stop" | "problems" | "unread"> & {
    groups: Omit<GroupReply, "changed">;
    source: string;
    policy: Policy;
    seconds: number;
  },
): FenceVerdict => {
  const { servers, answered, stop, problems, unread, groups, source, policy, seconds } = given;
  const proven = (code: FenceVerdict["code"], because: string) =>
    ({ action: "go-on", code, fenced: true, because }) as const;
  const open = (action: FenceVerdict["action"], code: FenceVerdict["code"], because: string) =>
    ({ action, code, fenced: false, because }) as const;
  const [withoutProof, rule] =
    policy === "required"
      ? ([seconds < limits.fenceSeconds ? "wait" : "refuse", "fence: required, not continuing unfenced"] as const)
      : (["go-on", "fence: best-effort, continuing unfenced"] as const);
  const further = ({ refused }: Reply) => (refused ? "refuse" : "again");

  if (problems.length > 0) return open("refuse", "NotIsolable", problems.join("; "));
  if (servers.length === 0 && !unread) return proven("NothingToFence", "the plan has no server to stop");
  const left = servers.filter((server) => !isProven(server));
  if (left.length === 0 && groups.open.length === 0 && !unread)
    return proven("Fenced", provenSentence(servers, source));
  if (!answered) {
    const because = `${source} is unreachable; cannot confirm that ${count(servers.length)} ${servers.length === 1 ? "is" : "are"} stopped`;
    return open(withoutProof, "SourceSilent", `${because}. ${rule}`);
  }
  if (groups.open.length > 0) {
    const because = `Auto Scaling in ${source} is not suspended and may replace stopped servers: ${groups.open.join(", ")}`;
    if (!groups.answered) return open(withoutProof, "StopUnanswered", `${because}. ${rule}`);
    return open(further(groups), "GroupActive", because);
  }
  if (left.length === 0 && unread) {
    const because = `could not list the selected instances in ${source}; some may exist that no recovery point contains`;
    if (!unread.answered) return open(withoutProof, "SelectionUnread", `${because}. ${rule}`);
    return open(further(unread), "SelectionUnread", because);
  }
  const named = left.slice(0, 5).map(({ server, state }) => `${server} (${state})`);
  const more = left.length > named.length ? ` and ${left.length - named.length} more` : "";
  const still = `${named.join(", ")}${more}`;
  if (left.every(isEnding)) {
    const because = `servers are still shutting down and may take writes: ${still}`;
    const secondsMax = policy === "required" ? limits.passingSeconds : limits.fenceSeconds;
    if (seconds < secondsMax) return open("wait", "Stopping", because);
    const action = policy === "required" ? "refuse" : "go-on";
    return open(action, "Stopping", `${because}; the forced stop had no effect. ${rule}`);
  }
  if (!stop.answered) {
    const because = `${source} lists its servers but does not respond to StopInstances: ${still}`;
    return open(withoutProof, "StopUnanswered", `${because}. ${rule}`);
  }
  return open(
    further(stop),
    "NotProven",
    `${source} responds, but these servers are not confirmed as stopped: ${still}`,
  );
};

const provenSentence = (servers: FencedServer[], source: string) => {
  const isolated = servers.filter(({ state }) => state === "isolated");
  const stopped = servers.length - isolated.length;
  const states = [
    ...(stopped > 0 ? [`${count(stopped)} stopped`] : []),
    ...(isolated.length > 0 ? [`${count(isolated.length)} isolated by network ACL`] : []),
  ];
  return `read back from ${source}: ${states.join(", ")}`;
};

const count = (servers: number) => `${servers} server${servers === 1 ? "" : "s"}`;
