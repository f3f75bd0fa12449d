/** What one of several wants of something that they share. */
export type Claim = { name: string; wanted: number /** ISO 8601, or null = none. */; deadline: string | null };

/**
 * Max-min fair shares in whole numbers: nobody gets more than it wants, and nobody could get more without taking from
 * one that has as much or less. What does not divide evenly goes to the earliest deadlines.
 */
export const fairShares = (total: number, claims: Claim[]): Map<string, number> => {
  const shares = new Map(claims.map(({ name }) => [name, 0]));
  let left = total;
  let open = claims.filter(({ wanted }) => wanted > 0).sort(byDeadline);
  while (left > 0 && open.length > 0) {
    const each = Math.floor(left / open.length);
    const [rest, step] = each === 0 ? [open.slice(0, left), 1] : [open, each];
    for (const { name, wanted } of rest) {
      const has = shares.get(name) ?? 0;
      const given = Math.min(step, wanted - has);
      shares.set(name, has + given);
      left -= given;
    }
    open = open.filter(({ name, wanted }) => (shares.get(name) ?? 0) < wanted);
  }
  return shares;
};

const byDeadline = (a: Claim, b: Claim) =>
  (a.deadline ?? "9999").localeCompare(b.deadline ?? "9999") || a.name.localeCompare(b.name);
