import type { Filter } from "@aws-sdk/client-ec2";
import { batchesOf } from "../../core/batches.ts";

/** Values of one request, those of all its filters together: with more EC2 answers FilterLimitExceeded. [text of FilterLimitExceeded] */
const valuesMax = 200;

/**
 * The same filters as requests that EC2 takes: together they show what one request with all values would, a resource
 * that several values match perhaps twice. A filter without values matches nothing, so nothing is asked.
 */
export const portionsOf = (filters: Filter[]): Filter[][] => {
  const counts = filters.map(({ Values = [] }) => Values.length);
  if (counts.includes(0)) return [];
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= valuesMax) return [filters];
  const longest = Math.max(...counts);
  const at = counts.indexOf(longest);
  const beside = all - longest;
  const size = beside <= valuesMax / 2 ? valuesMax - beside : Math.ceil(longest / 2);
  const { Values = [] } = filters[at] ?? {};
  return batchesOf(Values, size).flatMap((portion) =>
    portionsOf(filters.with(at, { ...filters[at], Values: portion })),
  );
};

/** Every page of every portion, in order, asked for as they are wanted. */
export async function* pagesOf<Page extends { NextToken?: string | undefined }>(
  filters: Filter[],
  ask: (page: { Filters: Filter[]; NextToken: string | undefined }) => Promise<Page>,
): AsyncGenerator<Page> {
  for (const Filters of portionsOf(filters)) {
    let NextToken: string | undefined;
    do {
      const page = await ask({ Filters, NextToken });
      yield page;
      NextToken = page.NextToken;
    } while (NextToken);
  }
}
