import { expect, test } from "vitest";
import * as z from "zod/mini";
import { switchValueOf } from "../../../functions/core/model/direction.ts";
import { RunInput } from "../../../functions/core/run/machine-state.ts";
import { aRun } from "../../support/builders.ts";

test("a run that began under an older controller, and has no sides, moves its traffic to the recovery side", () => {
  const { from, to, ...older } = aRun();
  const run = z.parse(RunInput, older);
  expect(run).toEqual({ ...older, from: "primary", to: "recovery" });
  expect(switchValueOf(run.to)).toBe(1);
});

test("a run keeps the sides that it was given", () => {
  const homeward = aRun({ from: "recovery", to: "primary", source: "eu-central-1", target: "eu-west-1" });
  expect(z.parse(RunInput, homeward)).toEqual(homeward);
});

test.each([undefined, null, {}, { application: 7 }])("%j is no run", (value) => {
  expect(z.safeParse(RunInput, value).success).toBe(false);
});
