const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string) => {
  const made =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  formats.set(zone, made);
  return made;
};

/** What the clocks of a zone show, as if it were UTC: both in milliseconds. */
export const wallOf = (instant: number, zone: string): number => {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1_000) + 1_000) % 1_000);
};

/**
 * When the clocks of a zone show this, in milliseconds: the first time where they do twice. `exists` is false where they
 * never do, for they are put forward; `at` is then as long after the change as the clocks would have shown.
 */
export const instantOf = (wall: number, zone: string): { at: number; exists: boolean } => {
  const before = wall - (wallOf(wall - dayMs, zone) - (wall - dayMs));
  const after = wall - (wallOf(wall + dayMs, zone) - (wall + dayMs));
  const [first, second] = [Math.min(before, after), Math.max(before, after)];
  if (wallOf(first, zone) === wall) return { at: first, exists: true };
  if (wallOf(second, zone) === wall) return { at: second, exists: true };
  return { at: before, exists: false };
};
const dayMs = 86_400_000;

/** Names as the time zone database has them; a bare offset is none. [Scheduler: schedule-types] */
export const isTimeZone = (name: string): boolean => {
  if (!/^(UTC|[A-Z][A-Za-z_]+(\/[A-Z][\w+-]*)+)$/.test(name)) return false;
  try {
    return formatOf(name).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
};
