import { expect, test } from "vitest";
import { joinReadiness } from "../../../functions/core/readiness/readiness.ts";

/** [DynamoDB: ServiceQuotas] */
const itemBytesMax = 400 * 1_024;

test("what a look finds fits into an item of the table, however much it is", () => {
  const many = Array.from({ length: 300 }, (_, at) => `web-${at}: ${"no subnet of the plan takes it ".repeat(200)}`);
  const found = joinReadiness(new Date(), [{ problems: many, waiting: many, warnings: many }], {});
  expect(JSON.stringify(found).length).toBeLessThan(itemBytesMax);
  expect(found.problems).toHaveLength(101);
  expect(found.problems.at(-1)).toBe("and 200 more");
  expect(found.problems[0]).toMatch(/^web-0: no subnet .*…$/);
});
