/** The demand of one of several that share a number of slots. */
export type Claim = { name: string; wanted: number /** ISO 8601, or null = none. */; deadline: string | null };

/**
 * Max-min fair shares in whole numbers: none gets more than its demand, and none could get more without loss to
 * one that has as much or less. The remainder goes to the earliest deadlines.
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
