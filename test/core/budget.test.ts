import { expect, it } from "vitest";
import { createBudget } from "../../functions/core/budget.ts";

it("gives so many calls and no more", () => {
  const budget = createBudget(2, 60, () => new Date(0));
  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
});

it("gives none when its time is over", () => {
  let now = 0;
  const budget = createBudget(10, 35, () => new Date(now));
  expect(budget.take()).toBe(true);
  now = 35_001;
  expect(budget.take()).toBe(false);
});
