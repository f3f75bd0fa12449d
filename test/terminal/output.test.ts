import { describe, expect, it } from "vitest";
import { PlanInvalidError, RefusedError } from "../../functions/core/errors.ts";
import { createOutput, printError, UsageError } from "../../terminal/output.ts";

const told = (error: unknown, terminal = false, noColour = false) => {
  const lines: string[] = [];
  const stream = { isTTY: terminal, write: (text: string) => lines.push(text) > 0 } as never;
  const code = printError(error, createOutput(stream, stream, noColour));
  return { code, text: lines.join("") };
};

describe("printError", () => {
  it.each([
    [new UsageError("what", "next"), { code: 2, text: "error: what\nnext: next\n" }],
    [new PlanInvalidError("what", "next"), { code: 2, text: "error: what\nnext: next\n" }],
    [new PlanInvalidError("what"), { code: 2, text: "error: what\nnext: lifeboat --help lists the commands\n" }],
    [new RefusedError("what", "next"), { code: 1, text: "error: what\nnext: next\n" }],
  ])("tells %s in two lines", (error, expected) => {
    expect(told(error)).toEqual(expected);
  });

  it.each([[new Error("boom")], ["boom"]])("asks to report what should not happen (%s), without a stack", (error) => {
    const { code, text } = told(error);
    expect(code).toBe(1);
    expect(text).toMatch(/^error: boom\nnext: this is a Lifeboat bug: .*\n$/);
  });

  it("lets nothing of another's text command the terminal", () => {
    const { text } = told(new UsageError("no \u001b]0;title\u0007\u009b2J\u2028 by \u001b[2Jann\nand bob"), true, true);
    expect(text).toBe("error: no ?]0;title??2J? by ?[2Jann\nand bob\nnext: lifeboat --help lists the commands\n");
  });

  it("colours on a terminal only, and not when NO_COLOR asks", () => {
    expect(told(new UsageError("what"), true).text).toContain("\u001b[31m");
    expect(told(new UsageError("what"), true, true).text).not.toContain("\u001b");
    expect(told(new UsageError("what")).text).not.toContain("\u001b");
  });
});

describe("standard output", () => {
  const shown = (lines: string[], terminal = true) => {
    const written: string[] = [];
    const stream = { isTTY: terminal, columns: 40, write: (text: string) => written.push(text) > 0 } as never;
    const output = createOutput(stream, stream, true);
    for (const line of lines) output.out(line);
    return written.join("");
  };
  const sentence = "plan.yml: ok - pair: eu-west-1 -> eu-central-1, 1 resource";

  it("is broken where words end on a terminal, and a row of a table in its last column", () => {
    expect(shown([sentence])).toBe("plan.yml: ok - pair: eu-west-1 ->\n    eu-central-1, 1 resource\n");
    expect(shown(["  page  probe  unhealthy since an hour, no answer"])).toBe(
      "  page  probe  unhealthy since an hour,\n               no answer\n",
    );
  });

  it("is not broken where no terminal is, and neither is JSON nor a text of several lines", () => {
    expect(shown([sentence], false)).toBe(`${sentence}\n`);
    const laidOut = [JSON.stringify({ sentence }), `${sentence}\n${sentence}`];
    expect(shown(laidOut)).toBe(`${laidOut.join("\n")}\n`);
  });
});
