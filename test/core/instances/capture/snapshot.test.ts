import { expect, test } from "vitest";
import { byAge, isCopy } from "../../../../functions/core/instances/capture/snapshot.ts";
import { aCopy, aSource } from "../../../support/replication.ts";

test("a copy is known by our tag or by the volume id that EC2 gives to every copy", () => {
  expect(isCopy(aCopy({ volume: "vol-1" }))).toBe(true);
  expect(isCopy(aSource({ volume: "vol-ffffffff", tags: {} }))).toBe(true);
  expect(isCopy(aSource())).toBe(false);
});

test("the oldest comes first, and of equals always the same one", () => {
  const [old, b, a] = [aSource({ id: "z", startedAt: "2026-01-01" }), aSource({ id: "b" }), aSource({ id: "a" })];
  expect([b, a, old].sort(byAge).map(({ id }) => id)).toEqual(["z", "a", "b"]);
});
