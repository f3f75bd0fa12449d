import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../../functions/core/limits.ts";
import { toPayload } from "../../functions/core/payload.ts";

const ids = (count: number) => Array.from({ length: count }, (_, at) => `i-${String(at).padStart(17, "0")}`);
const sizeOf = (value: unknown) => JSON.stringify(value).length;

describe("a result in the payload of its machine", () => {
  it("a result in the payload of its machine stays as it is while it is small", () => {
    const result = {
      done: true,
      polls: 3,
      at: "2026-03-02T12:00:00.000Z",
      stopped: ids(3),
      because: "three stopped",
      asked: null,
    };
    expect(toPayload(result)).toEqual(result);
  });

  it("a result in the payload of its machine leaves the lists of three thousand servers to the ledger", () => {
    const servers = ids(3_000).map((server) => ({ server, state: "stopped" }));
    const result = { done: true, fenced: true, sourceAnswered: true, servers, stopped: ids(3_000), because: "all" };
    expect(toPayload(result)).toEqual({ done: true, fenced: true, sourceAnswered: true, because: "all" });
  });

  it("a result in the payload of its machine keeps the first sentences, and says how many more there were", () => {
    const warnings = ids(3_000).map((id) => `${id}: its tags do not show in its metadata`);
    const told = toPayload({ warnings }).warnings;
    expect(told.slice(0, 2)).toEqual(warnings.slice(0, 2));
    expect(told.at(-1)).toBe(`and ${3_000 - (told.length - 1)} more`);
    expect(sizeOf(told)).toBeLessThan(limits.listBytes + 50);
  });

  it("a result in the payload of its machine is never larger than its fields allow", () => {
    const field = fc.oneof(
      fc.string({ maxLength: 5_000, size: "max" }),
      fc.array(fc.string({ minLength: 20 }), { maxLength: 3_000, size: "max" }),
      fc.array(fc.record({ server: fc.string(), state: fc.string() }), { maxLength: 1_000, size: "max" }),
      fc.integer(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), field, { maxKeys: 6 }), (result) => {
        // what a character takes when it is written as JSON
        const escaped = 6;
        const most = Math.max(limits.listBytes + 50, escaped * limits.sentenceCharacters);
        expect(sizeOf(toPayload(result))).toBeLessThan(Object.keys(result).length * (most + 20) + 10);
      }),
      { numRuns: 30 },
    );
  });
});
