import { describe, expect, it } from "vitest";
import { isPersonName, isReason, plain, withoutQuery } from "../../functions/core/plain.ts";

describe("words of people", () => {
  it.each(["ann", "Ann O'Hara (on call)", "安娜", "a".repeat(100)])("%j is a name", (name) => {
    expect(isPersonName(name)).toBe(true);
  });

  it.each<[string, unknown]>([
    ["no text", 5],
    ["nothing", undefined],
    ["an empty one", ""],
    ["blanks", "  "],
    ["a long one", "a".repeat(101)],
    ["a line break", "ann\n# shop: failover succeeded"],
    ["an escape sequence", "ann\u001b[2J"],
    ["the same in one byte", "ann\u009b2J"],
    ["a separator of lines", "ann\u2028bob"],
    ["a separator of paragraphs", "ann\u2029bob"],
    ["letters that run backwards", "ann\u202ebob"],
  ])("%s is none", (_, name) => {
    expect(isPersonName(name)).toBe(false);
  });

  it("a reason is one line of at most 1000 characters, or empty", () => {
    expect(["", "the Region is dark", "x".repeat(1000)].map(isReason)).toEqual([true, true, true]);
    expect([null, "x".repeat(1001), "a\nb", "a\u0000"].map(isReason)).toEqual([false, false, false, false]);
  });
});

it("a text from elsewhere becomes one line, without what a terminal would obey", () => {
  expect(plain("ended\r\nFailed\u001b]0;x\u0007: Zürich")).toBe("ended Failed ]0;x : Zürich");
});

it.each([
  ["https://shop.example.com/healthz?key=SECRET", "https://shop.example.com/healthz"],
  ["https://shop.example.com?key=SECRET#a", "https://shop.example.com"],
  ["https://shop.example.com/a#b", "https://shop.example.com/a"],
  ["tcp://192.0.2.10:5432", "tcp://192.0.2.10:5432"],
])("of %s a sentence says %s", (url, said) => {
  expect(withoutQuery(url)).toBe(said);
});
