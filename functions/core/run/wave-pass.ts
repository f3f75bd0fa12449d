import { secondsSince } from "../clock/time.ts";
import { limits } from "../limits.ts";
import type { Plan, Resource } from "../model/plan.ts";
import { isOpen, type Server } from "../model/server.ts";
import { fullBucket, type Pace } from "./pace.ts";
import { minimumOf } from "./wave.ts";

const looks = ["CheckProgress", "Attach", "Verify", "Launch"] as const;
/** A pass over all servers of the waves that are under way: one invocation. */
export type Look = (typeof looks)[number];

/** `$.pass.value` of a failover: what its loop over the waves carries. Times are ISO 8601. */
export type Pass = {
  next: Look | "JudgeWave";
  waitSeconds: number;
  /** Wave that is verified and judged next; at the end, the number of waves: only late servers are left. */
  index: number;
  /** So many passes of the run before this one. */
  passes: number;
  /** First pass of the run, and of this wave. */
  since: string;
  waveSince: string;
  /** When every resource of the wave had its minimum. */
  enoughAt: string | null;
  /** When each pass last ended, and when Launch may find something to do again. */
  looked: Partial<Record<Look, string>>;
  launchAt: string | null;
  /** Since when Launch meets nothing but passing errors. */
  passingSince: string | null;
  /** Times without polls, since AWS or the controller's own Region did not answer; newest last. */
  blind?: { from: string; to: string }[];
  pace: Pace;
  /** Server after which the next poll of Verify continues. */
  verifyAfter: string | null;
};

/** What a pass of a dry execution says: it has no servers, and leads on at once. */
export const dryPass = (next: Pass["next"]) => ({ next, waitSeconds: 1, passes: 1 });

/** The pass that begins wave `index`, or goes on with it. */
export const openPass = (before: Pass | null, index: number, now: Date): Pass => {
  const at = now.toISOString();
  if (before?.index === index) return noteBlind(before, now);
  return {
    next: "Launch",
    waitSeconds: 0,
    passes: 0,
    since: at,
    looked: {},
    launchAt: null,
    passingSince: null,
    pace: fullBucket(now),
    verifyAfter: null,
    ...before,
    index,
    waveSince: at,
    enoughAt: null,
  };
};

/** A pass begins so many seconds after its time by itself: states of the machine, a cold start. */
const lateSeconds = 15;
const blindMax = 20;

/** A pass that begins much later than it was due has met errors until now, or its Region was down: there were no polls. */
const noteBlind = (pass: Pass, now: Date): Pass => {
  const last = Object.values(pass.looked).sort().at(-1);
  const due = last ? Date.parse(last) + pass.waitSeconds * 1_000 : now.getTime();
  if (now.getTime() - due <= lateSeconds * 1_000) return pass;
  const gap = { from: new Date(due).toISOString(), to: now.toISOString() };
  return { ...pass, blind: [...(pass.blind ?? []), gap].slice(-blindMax) };
};

/** Seconds after `since` without polls: they count against no server. */
export const blindSeconds = ({ blind = [] }: Pick<Pass, "blind">, since: Date): number =>
  blind.reduce((sum, { from, to }) => {
    const begun = Math.max(Date.parse(from), since.getTime());
    return sum + Math.max(0, Date.parse(to) - begun) / 1_000;
  }, 0);

/** EC2 shows an instance as running some seconds after it took the request, never at once. */
const firstLookSeconds = 8;
/**
 * So long the last wave, once it has its minimum, waits for what boots already, before users move; what comes later is late,
 * and finished all the same, beside the next wave or after that.
 */
const graceSeconds = 1;
/** From so many passes on, the whole run's age spaces them: their number then grows with its logarithm. */
const manyPasses = 300;
/** What has taken so many seconds is polled again after one more. */
const patienceShare = 60;

/**
 * Seconds between two polls: few at first, then a share of what the wave has taken, so that a history of 25,000 events
 * holds any plan. [SFN:service-quotas]
 */
export const lookSeconds = ({ passes, since, waveSince }: Pass, now: Date, least: number = limits.pollSecondsMin) => {
  const age = secondsSince(passes < manyPasses ? waveSince : since, now);
  return Math.min(limits.waveWaitSecondsMax, Math.max(least, Math.floor(age / patienceShare)));
};

/** Users wait for Verify: seconds to its next poll at first. */
const verifySeconds = 1;
/** One invocation goes on polling while nothing else is due, and begins no poll later than this. */
const lookingSeconds = 20;

/** Does the same poll come again so soon that this invocation, begun at `begunAt`, makes it itself? */
export const isSoon = ({ next, waitSeconds }: Pass, look: Look, begunAt: Date, now: Date) =>
  next === look && (now.getTime() - begunAt.getTime()) / 1_000 + waitSeconds <= lookingSeconds;

/** Servers that are launched now: those of this wave and of earlier ones; all of them when the plan boots them together. */
export const underWay = (servers: Server[], { recover }: Plan, index: number) =>
  servers.filter(({ wave }) => wave <= index || recover.boot === "together");

/** Which pass comes next, and after how many seconds. `done`: the pass that has just ended. */
export const nextPass = (servers: Server[], plan: Plan, before: Pass, done: Look, now: Date): Pass => {
  const at = now.toISOString();
  const pass = {
    ...before,
    passes: before.passes + 1,
    looked: { ...before.looked, [done]: at },
    enoughAt: before.enoughAt ?? (hasEnough(servers, plan, before.index) ? at : null),
  };
  if (isOver(servers, plan, pass, now)) return { ...pass, next: "JudgeWave", waitSeconds: 0 };

  const wait = lookSeconds(pass, now);
  const active = underWay(servers, plan, pass.index).filter(isOpen);
  const isThere: Record<Look, boolean> = {
    CheckProgress: active.some(({ state }) => state === "launched"),
    Attach: active.some(({ state }) => state === "running"),
    Verify: active.some(({ state, wave }) => state === "attached" && wave <= pass.index),
    Launch: active.some(({ state }) => state === "wanted"),
  };
  const dueAt: Record<Look, number> = {
    CheckProgress: after(pass.looked.CheckProgress, wait) ?? after(pass.looked.Launch, firstLookSeconds) ?? 0,
    Attach: active.some(({ state, passingSince }) => state === "running" && !passingSince)
      ? 0
      : (after(pass.looked.Attach, wait) ?? 0),
    Verify: after(pass.looked.Verify, lookSeconds(pass, now, Math.max(verifySeconds, listingSeconds(active)))) ?? 0,
    Launch: Date.parse(pass.launchAt ?? at),
  };
  const wanted = looks.filter((look) => isThere[look]);
  // of those that are due, the one whose turn was longest ago: a long launch does not delay the polls of the others
  const [next] = wanted.sort(
    (a, b) =>
      Math.max(dueAt[a], now.getTime()) - Math.max(dueAt[b], now.getTime()) ||
      (pass.looked[a] ?? "").localeCompare(pass.looked[b] ?? ""),
  );
  if (!next) return { ...pass, next: "JudgeWave", waitSeconds: 0 };
  const seconds = Math.ceil((dueAt[next] - now.getTime()) / 1_000);
  return { ...pass, next, waitSeconds: Math.max(0, Math.min(seconds, limits.waveWaitSecondsMax)) };
};

/** Systems Manager documents no limit for those who list commands, and throttles them. [GitHub: aws/aws-rfdk#1723] */
const commandsPerSecond = 3;
const listingSeconds = (servers: Server[]) => {
  const commands = new Set(servers.flatMap(({ state, command }) => (state === "attached" && command ? [command] : [])));
  return Math.ceil(commands.size / commandsPerSecond);
};

const after = (at: string | undefined, seconds: number) => (at ? Date.parse(at) + seconds * 1_000 : null);

/** Has every resource of the wave its minimum? */
const hasEnough = (servers: Server[], { recover, protect }: Plan, index: number) =>
  (recover.waves[index] ?? []).every((name) => {
    const own = servers.filter(({ resource, wave }) => resource === name && wave === index);
    const resource = protect.find((one) => one.name === name) as Resource;
    return own.filter(({ state }) => state === "served").length >= minimumOf(own.length, resource);
  });

/**
 * A wave is over when all its servers are good or lost, or when it has enough of them; the last one waits for its grace, but
 * for no server without an instance. The loop for late ones is over when none is left.
 */
const isOver = (servers: Server[], { recover }: Plan, { index, enoughAt }: Pass, now: Date) => {
  const isLast = servers.every(({ wave }) => wave < index);
  const open = servers.filter(({ wave }) => (isLast ? wave < index : wave === index)).filter(isOpen);
  if (open.length === 0) return true;
  if (isLast || enoughAt === null) return false;
  if (index < recover.waves.length - 1 || open.every(({ state }) => state === "wanted")) return true;
  return secondsSince(enoughAt, now) >= graceSeconds;
};
