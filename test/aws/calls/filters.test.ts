import type { Filter } from "@aws-sdk/client-ec2";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pagesOf, portionsOf } from "../../../functions/aws/calls/filters.ts";

const values = (count: number, prefix = "v") => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const sizes = (portions: Filter[][]) => portions.map((filters) => filters.map(({ Values = [] }) => Values.length));

describe("portionsOf", () => {
  it.each([
    ["one that fits stays one request", [1, 199], [[1, 199]]],
    [
      "203 points beside the application's name",
      [1, 203],
      [
        [1, 199],
        [1, 4],
      ],
    ],
    ["a filter alone", [401], [[200], [200], [1]]],
    [
      "two long ones",
      [150, 150],
      [
        [75, 125],
        [75, 25],
        [75, 125],
        [75, 25],
      ],
    ],
    ["a filter without values matches nothing", [1, 0], []],
    ["no filter at all", [], [[]]],
  ])("%s", (_name, counts, expected) => {
    expect(sizes(portionsOf(counts.map((count, at) => ({ Name: `f${at}`, Values: values(count) }))))).toEqual(expected);
  });

  it("asks for every combination once, at most 200 values a request", () => {
    const filters = fc.array(fc.integer({ min: 1, max: 260 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(filters, (counts) => {
        const asked = counts.map((count, at) => ({ Name: `f${at}`, Values: values(count) }));
        const portions = portionsOf(asked);
        const product = (lengths: number[]) => lengths.reduce((all, length) => all * length, 1);
        const sums = sizes(portions).map((lengths) => lengths.reduce((sum, length) => sum + length, 0));
        expect(Math.max(...sums)).toBeLessThanOrEqual(200);
        expect(
          sizes(portions)
            .map(product)
            .reduce((sum, one) => sum + one, 0),
        ).toBe(product(counts));
        for (const at of counts.keys())
          expect(new Set(portions.flatMap((portion) => portion[at]?.Values ?? [])).size).toBe(counts[at]);
      }),
      { numRuns: 50 },
    );
  });
});

it("pagesOf reads every page of every portion, and none that nobody wants any more", async () => {
  const asked: string[] = [];
  const ask = async ({ Filters, NextToken }: { Filters: Filter[]; NextToken: string | undefined }) => {
    asked.push(`${Filters[0]?.Values?.length} ${NextToken ?? "first"}`);
    return NextToken ? {} : { NextToken: "more" };
  };
  const filters = [{ Name: "snapshot-id", Values: values(201) }];
  for await (const _page of pagesOf(filters, ask));
  expect(asked).toEqual(["200 first", "200 more", "1 first", "1 more"]);
  for await (const _page of pagesOf(filters, ask)) break;
  expect(asked).toHaveLength(5);
});
