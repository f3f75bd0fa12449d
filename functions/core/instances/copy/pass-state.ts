import { limits } from "../../limits.ts";
import { adaptLimit } from "./copy-slots.ts";
import type { ResourceFacts } from "./projection.ts";

/** The state that the passes of one run pass on in the machine's state: small, however large the fleet is. */
export type CopyMemory = {
  passes: number;
  /** Copies at once that the Region accepts, as far as this run knows. */
  slots: number;
  /** Resource -> why AWS refuses its copies in this run; and what a person should know although copies continue. */
  refused: Record<string, string>;
  problems: Record<string, string>;
  /** Points that this run completed, and discarded. */
  completed: string[];
  discarded: string[];
  /** Copies that ended in this run, and those among them that were found in error. */
  copied: number;
  failed: number;
  /** Our copies that were pending at the last poll, and its time (ISO 8601). */
  seen: string[];
  lookedAt: string | null;
  /** When the first copies of this run were in flight, ISO 8601. */
  since: string | null;
  /** Mean time of the copies that ended. */
  usualSeconds: number | null;
  /** True when other applications share the copy slots; the demand that was last published for them. */
  shared: boolean;
  demand: { waiting: number; at: string } | null;
  /** ARN of the key of each resource that was checked in this run; null = none is named. */
  keys: Record<string, string | null>;
  /** Resources of which a completed copy was seen. */
  proven: string[];
  resources: Record<string, ResourceFacts>;
  /** Points whose entries have ended. */
  settling: { point: string; deadline: string }[];
  /** Invocations in a row that lost a reply. */
  lostReplies: number;
};

export const freshMemory: CopyMemory = {
  passes: 0,
  slots: limits.copySlots,
  refused: {},
  problems: {},
  completed: [],
  discarded: [],
  copied: 0,
  failed: 0,
  seen: [],
  lookedAt: null,
  since: null,
  usualSeconds: null,
  shared: false,
  demand: null,
  keys: {},
  proven: [],
  resources: {},
  settling: [],
  lostReplies: 0,
};

/** The queue is counted again after so many passes: a pass that died did not return what it counted. */
const recountPasses = 50;
export const mustCount = ({ passes }: CopyMemory) => passes % recountPasses === 0;

const copiesRemembered = 50;

/** The mean time of copies, with those that ended since the last poll: in the middle between the two polls. */
const withEnded = ({ usualSeconds, copied, lookedAt }: CopyMemory, askedAt: string[], now: Date) => {
  const sincePoll = lookedAt ? now.getTime() - Date.parse(lookedAt) : 0;
  return askedAt.reduce<{ usualSeconds: number | null; copied: number }>(
    (mean, asked) => {
      const age = now.getTime() - Date.parse(asked);
      const seconds = Math.max(1, (age - Math.min(sincePoll, age) / 2) / 1_000);
      const weight = Math.min(mean.copied, copiesRemembered) + 1;
      const before = mean.usualSeconds ?? seconds;
      return { usualSeconds: before + (seconds - before) / weight, copied: mean.copied + 1 };
    },
    { usualSeconds, copied },
  );
};

/** Observations and acts of one pass. */
export type PassOutcome = {
  /** Ids of our pending copies, and copies in flight of all owners, those just started included. */
  seen: string[];
  inFlight: number;
  /** Entries that have ended, with their resource. */
  ended: { resource: string; askedAt: string }[];
  started: number;
  isFull: boolean;
  isLost: boolean;
  /** Resource -> copies that were found in error. */
  failed: ReadonlyMap<string, number>;
} & Pick<CopyMemory, "refused" | "problems" | "completed" | "discarded" | "keys" | "proven" | "settling">;

/** The memory after a pass. A key whose copies fail is checked again before the next copy. */
export const remember = (known: CopyMemory, pass: PassOutcome, now: Date): CopyMemory => {
  const asked = pass.ended.map(({ askedAt }) => askedAt);
  const failed = [...pass.failed.values()].reduce((sum, count) => sum + count, 0);
  return {
    ...known,
    ...withEnded(known, asked, now),
    passes: known.passes + 1,
    slots: adaptLimit(known.slots, pass.isFull ? pass.inFlight : null),
    refused: { ...known.refused, ...pass.refused },
    problems: { ...known.problems, ...pass.problems },
    completed: [...known.completed, ...pass.completed],
    discarded: [...known.discarded, ...pass.discarded],
    failed: known.failed + failed,
    seen: pass.seen,
    lookedAt: now.toISOString(),
    since: known.since ?? (pass.started > 0 || pass.seen.length > 0 ? now.toISOString() : null),
    keys: Object.fromEntries(Object.entries(pass.keys).filter(([resource]) => !pass.failed.get(resource))),
    proven: pass.proven,
    resources: withoutEnded(known.resources, pass.ended),
    settling: pass.settling,
    lostReplies: pass.isLost ? known.lostReplies + 1 : pass.started > 0 ? 0 : known.lostReplies,
  };
};

/** The counts after these entries have ended. */
const withoutEnded = (resources: CopyMemory["resources"], ended: { resource: string }[]): CopyMemory["resources"] =>
  Object.fromEntries(
    Object.entries(resources).map(([name, facts]) => {
      const gone = ended.filter(({ resource }) => resource === name).length;
      return [name, gone ? { ...facts, left: Math.max(0, facts.left - gone) } : facts];
    }),
  );
