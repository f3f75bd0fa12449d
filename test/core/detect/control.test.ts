import { describe, expect, it } from "vitest";
import { controlled, defaultControl } from "../../../functions/core/detect/control.ts";
import { problemsOf } from "../../support/plan-document.ts";

const red = { state: "unhealthy" as const, because: "no answer", silent: false };
const control = (silence: string | null) => ({ region: "us-west-2", silence });

describe("a red reading", () => {
  it("an unhealthy reading says nothing when a third Region is as silent", () => {
    expect(controlled(red, control("TimeoutError: no answer within 3 s"))).toEqual({
      state: "cannot-tell",
      because: "us-west-2 does not answer either (TimeoutError: no answer within 3 s): no answer",
      silent: false,
    });
  });
  it("an unhealthy reading counts when a third Region answers, or was not asked; a healthy one always counts", () => {
    const green = { state: "healthy" as const, because: "HTTP 200", silent: false };
    expect([controlled(red, control(null)), controlled(red, null), controlled(green, control("x"))]).toEqual([
      ...[red, red, green],
    ]);
  });
});

it.each([
  ["eu-west-1", "eu-central-1", "us-west-2"],
  ["us-west-2", "us-east-2", "eu-west-1"],
  ["us-west-2", "eu-west-1", "ap-northeast-1"],
  ["cn-north-1", "cn-northwest-1", null],
  ["us-gov-west-1", "us-gov-east-1", null],
])("for the Regions %s and %s the default control is %s", (primary, recovery, region) => {
  expect(defaultControl({ primary, recovery })).toBe(region);
});

it.each([
  ["eu-west-1", "detect.control: expected a third Region (got eu-west-1)"],
  ["eu-central-1", "detect.control: expected a third Region (got eu-central-1)"],
  ["cn-north-1", "detect.control: expected a Region of the same partition as eu-central-1 (got cn-north-1)"],
])("a plan cannot name %s", (region, problem) => {
  expect(
    problemsOf((d) => {
      d.detect.control = region;
    }),
  ).toEqual([problem]);
});
