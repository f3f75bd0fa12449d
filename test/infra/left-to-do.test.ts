import { expect, test } from "vitest";
import { leftToDo } from "../../infra/left-to-do.ts";
import type { Online } from "../../online/check-online.ts";
import { aPlan } from "../support/builders.ts";

const plan = aPlan();
const { name, type } = plan.traffic!.records[0]!;
const online: Online = {
  ready: true,
  resources: [],
  facts: ["a fact"],
  warnings: ["a warning"],
  problems: [],
  waiting: [],
  todo: [],
};
const next =
  "next: lifeboat check --online with this plan prints READY or what is missing; lifeboat status shows it at any time";

test("a deployment ends with what is to do by hand, exact ids first, then what is missing, then what comes by itself", async () => {
  const todo = [`set HealthCheckId 1111 on the PRIMARY set of ${name} ${type} in zone Z1`];
  const problems = [
    `${name} ${type}: the PRIMARY set has no health check, so the takeover would not move it`,
    "web: no",
  ];
  expect(await leftToDo(plan, async () => ({ ...online, ready: false, todo, problems, waiting: ["a point"] }))).toEqual(
    [
      "shop cannot fail over yet. Still to do by hand:",
      `  1. ${todo[0]}`,
      "  2. web: no",
      "  happens automatically: a point",
      next,
    ],
  );
});

test("nothing is left where all is there", async () => {
  expect(await leftToDo(plan, async () => online)).toEqual(["nothing is left to do by hand for shop", next]);
});

test("a look that fails takes nothing of the deployment back", async () => {
  const failing = () => Promise.reject(new Error("AWS refused: no"));
  expect(await leftToDo(plan, failing)).toEqual([
    "could not look up what is left to do: AWS refused: no",
    "next: lifeboat check --online with this plan",
  ]);
});
