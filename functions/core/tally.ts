/** How many there are, and the reasons of the first few: what is told stays short, however large the fleet is. */
export type Tally = { count: number; first: string[] };

const firstMax = 3;

export const noneYet: Tally = { count: 0, first: [] };

export const counted = ({ count, first }: Tally, reason: string): Tally => ({
  count: count + 1,
  first: first.length < firstMax ? [...first, reason] : first,
});

/** The reasons in one sentence. */
export const reasonsOf = ({ count, first }: Tally) =>
  [...first, ...(count > first.length ? [`and ${count - first.length} more`] : [])].join("; ");
