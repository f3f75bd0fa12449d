import { describe, expect, it } from "vitest";
import { judgeUnfence, mayStart } from "../../functions/core/unfence.ts";

const servers = (...states: string[]) => states.map((state, nth) => ({ server: `i-${nth}`, state, problem: null }));
const refused = { server: "i-9", state: "stopped", problem: { code: "UnauthorizedOperation", lasting: true } };
const noRoom = { server: "i-9", state: "stopped", problem: { code: "InsufficientInstanceCapacity", lasting: false } };
const of = (count: number, all: number, rest = "") =>
  `${count} of the ${all} servers that the fence stopped run again${rest}`;

describe("judgeUnfence", () => {
  it.each([
    [servers("running", "running"), 1, "end", "Unfenced", of(2, 2)],
    [servers("running", "stopping"), 1, "wait", "NotYet", of(1, 2, "; not yet i-1 (stopping)")],
    [servers("pending"), 9, "wait", "NotYet", of(0, 1, "; not yet i-0 (pending)")],
    [servers("unknown"), 99, "wait", "NotYet", of(0, 1, "; not yet i-0 (unknown)")],
    [
      servers("running", "terminated", "gone"),
      1,
      "end",
      "StillStopped",
      of(1, 3, "; not i-1 (terminated), i-2 (gone)"),
    ],
    [[refused], 2, "wait", "NotYet", of(0, 1, "; not yet i-9 (stopped, UnauthorizedOperation)")],
    [[refused], 3, "end", "StillStopped", of(0, 1, "; not i-9 (stopped, UnauthorizedOperation)")],
    [[noRoom], 99, "wait", "NotYet", of(0, 1, "; not yet i-9 (stopped, InsufficientInstanceCapacity)")],
    [
      [refused, ...servers("stopping")],
      7,
      "wait",
      "NotYet",
      of(0, 2, "; not yet i-9 (stopped, UnauthorizedOperation), i-0 (stopping)"),
    ],
  ] as const)("servers %j at poll %i: %s, %s", (states, polls, action, code, because) => {
    expect(judgeUnfence([...states], polls)).toMatchObject({ action, code, because });
  });

  it("says which servers run and which do not", () => {
    expect(judgeUnfence(servers("running", "stopping"), 1)).toMatchObject({
      started: ["i-0"],
      left: [{ server: "i-1", state: "stopping", problem: null }],
    });
  });

  it("looks often while a shutdown may end, then less often", () => {
    expect([1, 60, 61, 119].map((polls) => judgeUnfence(servers("stopping"), polls).waitSeconds)).toEqual([
      5, 5, 15, 15,
    ]);
  });
});

it.each([
  ["stopped", true],
  ["unknown", true],
  ["stopping", false],
  ["pending", false],
  ["running", false],
  ["terminated", false],
])("a server that is %s may be started: %s", (state, may) => {
  expect(mayStart(state)).toBe(may);
});
