/** Slots that a Region has for copies: `quota` at once, each for `copySeconds`. Null = no limit. */
type Rules = { quota: number | null; copySeconds: number };

type Copy = { region: string; endsAt: number };

/**
 * Copies in flight per destination Region. A copy takes its slot when it is asked for, and gives it back `copySeconds`
 * after it was accepted, or at once when it was refused. Times are ms.
 */
export const createSlots = ({ quota, copySeconds }: Rules) => {
  const copies = new Map<string, Copy>();
  /** When copies of a Region began and ended: +1, -1. */
  const changes: { at: number; by: 1 | -1 }[] = [];
  let asked = 0;
  let inFlightMax = 0;
  let lastAcceptedAt: number | null = null;

  const inFlight = (region: string, now: number) =>
    [...copies.values()].filter((copy) => copy.region === region && copy.endsAt > now).length;
  const forget = (now: number) => {
    for (const [id, { endsAt }] of copies) if (endsAt <= now) copies.delete(id);
  };

  return {
    /** Takes a slot, or gives null when the quota is reached. */
    reserve(region: string, now: number): { accept(id: string, now: number): void; refuse(): void } | null {
      forget(now);
      const others = inFlight(region, now);
      if (quota !== null && others >= quota) return null;
      const place = `asked ${++asked}`;
      copies.set(place, { region, endsAt: Number.POSITIVE_INFINITY });
      inFlightMax = Math.max(inFlightMax, others + 1);
      return {
        accept(id, at) {
          copies.delete(place);
          const endsAt = at + copySeconds * 1_000;
          if (copySeconds > 0) copies.set(id, { region, endsAt });
          changes.push({ at: now, by: 1 }, { at: endsAt, by: -1 });
          lastAcceptedAt = at;
        },
        refuse: () => copies.delete(place),
      };
    },
    /** Ids of the copies of a Region that are still pending. */
    pending(region: string, now: number): string[] {
      forget(now);
      return [...copies].filter(([id, copy]) => copy.region === region && id.startsWith("snap-")).map(([id]) => id);
    },
    isPending: (id: string, now: number) => (copies.get(id)?.endsAt ?? 0) > now,
    inFlightMax: () => inFlightMax,
    /** Begins to measure anew. */
    reset() {
      changes.length = 0;
      inFlightMax = 0;
      lastAcceptedAt = null;
    },
    /** Percent of the time of `usable` slots that was used, from the first copy until the last one was accepted. */
    fullPercent: (usable: number) => fullPercent(changes, usable, lastAcceptedAt),
  };
};

export const fullPercent = (
  changes: { at: number; by: 1 | -1 }[],
  usable: number,
  until: number | null,
): number | null => {
  const sorted = changes.toSorted((a, b) => a.at - b.at);
  const from = sorted[0]?.at;
  if (from === undefined || until === null || until <= from) return null;
  let used = 0;
  let level = 0;
  let since = from;
  for (const { at, by } of [...sorted, { at: until, by: 0 }]) {
    const to = Math.min(at, until);
    used += Math.min(level, usable) * (to - since);
    level += by;
    since = to;
    if (at >= until) break;
  }
  return (used / (usable * (until - from))) * 100;
};
