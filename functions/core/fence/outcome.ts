import type { FenceDecision } from "./decision.ts";
import { allReplies, type FencedServer, type FenceFacts, isEnding, isProven, type Reply } from "./facts.ts";
import { type FenceRecord, recordsOf } from "./undo-log.ts";

/** What came of a request to stop or start servers. `lasting`: EC2 refused this server, and a further try changes nothing. */
export type StopReply = {
  answered: boolean;
  /** The states that EC2 replied with. */
  replies: { id: string; state: string }[];
  problems: Map<string, { code: string; lasting: boolean }>;
};

/** `open`: groups that are not read back as suspended; `changed`: suspended just now. */
export type GroupReply = Reply & { open: string[]; changed: string[] };

/** What came of isolating some servers. `problems`: why some cannot be isolated; `changed`: subnets isolated just now. */
export type Isolation = Reply & { isolated: string[]; problems: string[]; changed: string[] };

/** What came of each act. */
export type FenceActs = {
  groups: GroupReply;
  /** Null: no server was asked to stop. */
  stop: StopReply | null;
  /** States that were read after the stop; null = they were not read. */
  after: Map<string, string> | null;
  forced: string[];
  /** Of the servers that are kept; then of those that EC2 does not stop, and of those that hang. */
  isolations: Isolation[];
};

/** What the source is known to run after a pass. */
export type FenceOutcome = {
  servers: FencedServer[];
  answered: boolean;
  /** The reply to whatever was asked for the servers. */
  stop: Reply;
  groups: GroupReply;
  /** Why servers can be neither stopped nor isolated, a sentence each. */
  problems: string[];
  unread: Reply | null;
  /** Groups, subnets and servers that were changed in this pass. */
  changed: string[];
  /** Servers that shut down for longer than they may, and are not isolated. */
  hanging: string[];
  unstoppable: { server: string; code: string }[];
};

/** Without acts: what the facts alone show. */
export const fenceOutcome = (
  facts: FenceFacts,
  decision: FenceDecision,
  {
    groups = { ...facts.groups, open: [], changed: [] },
    stop = null,
    after = null,
    forced = [],
    isolations = [],
  }: Partial<FenceActs>,
): FenceOutcome => {
  const isolated = new Set([...decision.isolated, ...isolations.flatMap((one) => one.isolated)]);
  const asked = new Set(stop ? decision.stop : []);
  const unstoppable = unstoppableOf(facts, stop);
  const isNamed = (server: string) => unstoppable.some((one) => one.server === server);
  const refused = [...(stop?.problems ?? [])].some(([server, { lasting }]) => lasting && !isNamed(server));
  const reply = allReplies([{ answered: stop?.answered ?? true, refused }, ...isolations]);
  const isNothingAsked = !stop && decision.keep.length === 0;
  const [first = [], ...others] = isolations.map(({ changed }) => changed);
  return {
    servers: [...facts.servers].map(([server, { state }]) => {
      if (isolated.has(server)) return { server, state: "isolated" };
      return { server, state: stop && asked.has(server) ? stateAfter(server, stop.replies, after) : state };
    }),
    answered: facts.answered || (stop?.answered ?? false),
    stop: { answered: isNothingAsked || reply.answered, refused: reply.refused },
    groups,
    problems: [...decision.isolation.problems, ...isolations.flatMap(({ problems }) => problems)],
    unread: facts.unread,
    changed: [...groups.changed, ...first, ...stoppingOf(stop), ...forced, ...others.flat()],
    hanging: decision.force.filter((server) => !isolated.has(server)),
    unstoppable,
  };
};

/** Running servers that EC2 does not stop, with its code: they are protected, or one-time Spot Instances. */
export const unstoppableOf = ({ servers }: FenceFacts, stop: StopReply | null) =>
  [...(stop?.problems ?? [])].flatMap(([server, { code, lasting }]) =>
    lasting && servers.get(server)?.state === "running" ? [{ server, code }] : [],
  );

const stoppingOf = (stop: StopReply | null) =>
  stop?.replies.flatMap(({ id, state }) => (state === "stopping" ? [id] : [])) ?? [];

/** Servers that were stopped though no listing had shown them as running: only the reply shows that they were. */
export const stoppedUnseen = (stop: StopReply | null, records: FenceRecord[]) => {
  const known = new Set(recordsOf(records, "server").flatMap(({ id, stopped }) => (stopped ? [id] : [])));
  return stoppingOf(stop).flatMap((server) => (known.has(server) ? [] : [{ server, stopped: true }]));
};

/** A listing may lag behind the reply to StopInstances; a reply alone, without a listing, proves nothing. */
export const stateAfter = (
  server: string,
  replies: { id: string; state: string }[],
  after: Map<string, string> | null,
): string => {
  if (!after) return "unknown";
  const listed = { server, state: after.get(server) ?? "gone" };
  const replied = { server, state: replies.find(({ id }) => id === server)?.state ?? "unknown" };
  const isFenced = (one: FencedServer) => isProven(one) || isEnding(one);
  return isFenced(replied) && !isFenced(listed) ? replied.state : listed.state;
};
