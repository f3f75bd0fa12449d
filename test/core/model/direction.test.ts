import { describe, expect, test } from "vitest";
import {
  bothRegions,
  directionOf,
  reversed,
  servesWhereProtected,
  sideOf,
  switchValueOf,
} from "../../../functions/core/model/direction.ts";
import { modeOf } from "../../../functions/core/model/mode.ts";

const plan = { regions: { primary: "eu-west-1", recovery: "eu-central-1" } };
const outward = { from: "primary", to: "recovery", source: "eu-west-1", target: "eu-central-1" };
const homeward = { from: "recovery", to: "primary", source: "eu-central-1", target: "eu-west-1" };

describe("the direction of a run", () => {
  test.each([
    ["eu-west-1", outward],
    ["eu-central-1", homeward],
  ])("leads from %s, which serves, to the other Region", (active, direction) => {
    expect(directionOf(plan, { active })).toEqual(direction);
  });

  test("the direction of a run is turned round for the run that finishes a move: the target serves already", () => {
    expect(reversed(directionOf(plan, { active: "eu-central-1" }))).toEqual(outward);
  });

  test("sets the switch to 1 for the recovery side, and to 0 for the other", () => {
    expect([switchValueOf("primary"), switchValueOf("recovery")]).toEqual([0, 1]);
  });
});

test("each Region of a plan is on its side", () => {
  expect(bothRegions(plan).map((region) => sideOf(plan, region))).toEqual(["primary", "recovery"]);
});

test("an application is at home where it is protected", () => {
  expect(bothRegions(plan).map((active) => servesWhereProtected(plan, { active }))).toEqual([true, false]);
});

test("only a failover moves traffic, fences and writes the row; an unknown machine does nothing to the application", () => {
  const doing = ["failover", "replicate", "rotate", "close", "answer", "made-up"].filter((machine) => {
    const { movesTraffic, fences, writesRow } = modeOf({ machine });
    return movesTraffic || fences || writesRow;
  });
  expect(doing).toEqual(["failover"]);
});
