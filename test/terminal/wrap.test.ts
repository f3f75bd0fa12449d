import fc from "fast-check";
import pc from "picocolors";
import { expect, it } from "vitest";
import { cut, wrapped } from "../../terminal/wrap.ts";

it("breaks a line where words end, and indents what follows", () => {
  expect(wrapped("T+0 not fenced: the Region did not answer", 20, 4)).toEqual([
    "T+0 not fenced: the",
    "    Region did not",
    "    answer",
  ]);
});

it("leaves what fits as it is, columns of blanks too", () => {
  expect(wrapped("Fence        none", 80, 13)).toEqual(["Fence        none"]);
  expect(wrapped("", 80)).toEqual([""]);
  expect(wrapped("a line of any length", Number.POSITIVE_INFINITY)).toEqual(["a line of any length"]);
});

it("breaks a word only where it is longer than a line", () => {
  expect(wrapped("see arn:aws:sns:topic now", 10, 2)).toEqual(["see", "  arn:aws:", "  sns:topi", "  c now"]);
});

it("loses no character and is never wider than told, whatever comes", () => {
  const word = fc.stringMatching(/^[a-z:·]{1,30}$/);
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(12),
      (words, width, indent) => {
        const lines = wrapped(words.join(" "), width, indent);
        expect(lines.join("").replaceAll(" ", "")).toBe(words.join(""));
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

it("counts no column for a colour", () => {
  const red = pc.createColors(true).red;
  expect(wrapped(`T+0 ${red("one two")} three`, 11)).toEqual([`T+0 ${red("one two")}`, "three"]);
  expect(cut(`T+0 ${red("one two")}`, 11)).toBe(`T+0 ${red("one two")}`);
  expect(cut(red("one two"), 4)).toBe("\u001b[31mone…\u001b[0m");
});
