import { expect, it } from "vitest";
import {
  earliest,
  fullSlot,
  isBusy,
  openSlot,
  type PlacementMemory,
} from "../../../../functions/core/instances/launch/placement-memory.ts";
import { at } from "../../../support/wave-scene.ts";

const [a, b] = ["m5.large/subnet-a", "m5.large/subnet-b"];

it("a slot that had no room is left alone for twenty seconds, then longer, up to forty", () => {
  let memory = fullSlot({}, a, "InsufficientInstanceCapacity", at(0));
  expect([isBusy(memory, a, at(19)), isBusy(memory, a, at(20)), isBusy(memory, b, at(0))]).toEqual([
    true,
    false,
    false,
  ]);
  const waits = Array.from({ length: 6 }, () => {
    memory = fullSlot(memory, a, "InsufficientInstanceCapacity", at(0));
    return (Date.parse(memory[a]!.until) - at(0).getTime()) / 1_000;
  });
  expect(waits).toEqual([25, 30, 35, 40, 40, 40]);
});

it("waits longer and longer for an account that is being verified, up to two minutes", () => {
  const last = Array.from({ length: 30 }).reduce<PlacementMemory>(
    (memory) => fullSlot(memory, a, "PendingVerification", at(0)),
    {},
  );
  expect(last[a]!.until).toBe(at(120).toISOString());
});

it("one that had room is as if it had never been full", () => {
  expect(openSlot(fullSlot({}, a, "x", at(0)), a)).toEqual({});
});

it("the first of some slots that may be asked again says when to come", () => {
  const memory = fullSlot(fullSlot({}, a, "x", at(0)), b, "x", at(10));
  expect(earliest(memory, [a, b])).toEqual(at(20));
});
