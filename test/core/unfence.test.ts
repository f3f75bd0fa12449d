import { describe, expect, it } from "vitest";
import { judgeUnfence, mayStart, tellUnfence } from "../../functions/core/unfence.ts";
import { aRow, aRun } from "../support/builders.ts";

const servers = (...states: string[]) => states.map((state, nth) => ({ server: `i-${nth}`, state, problem: null }));
const refused = { server: "i-9", state: "stopped", problem: { code: "UnauthorizedOperation", lasting: true } };
const noRoom = { server: "i-9", state: "stopped", problem: { code: "InsufficientInstanceCapacity", lasting: false } };
const of = (count: number, all: number, rest = "") =>
  `${count} of the ${all} servers that the fence stopped run again${rest}`;

describe("tellUnfence", () => {
  const lost = { server: "i-3", state: "terminated", problem: null };
  const fence = { stopped: ["i-1", "i-2", "i-3"] };
  const facts = (over: Partial<Parameters<typeof tellUnfence>[0]> = {}) => ({
    run: aRun({ unfenceOnFailure: true }),
    row: aRow(),
    fence,
    unfence: null,
    unfenceError: null,
    ...over,
  });
  const error = { name: "StaleLeaseError", message: "lost the lease", hint: "" };

  it("has nothing to tell when the application moved, the fence stopped nothing, or a pass ran", () => {
    expect(tellUnfence(facts({ row: aRow({ active: "eu-central-1" }) }))).toBeNull();
    expect(tellUnfence(facts({ row: null }))).toBeNull();
    expect(tellUnfence(facts({ fence: null }))).toBeNull();
    expect(tellUnfence(facts({ fence: { stopped: [] } }))).toBeNull();
    expect(tellUnfence(facts({ run: aRun({ machine: "replicate" }) }))).toBeNull();
  });

  it("names what runs again, and asks for nothing when that is all that can", () => {
    const unfence = { started: ["i-1", "i-2"], left: [lost], because: "2 of the 3" };
    expect(tellUnfence(facts({ unfence }))).toEqual({
      started: ["i-1", "i-2"],
      stopped: [],
      because: "2 of the 3",
      hint: "",
    });
  });

  it("asks a person to start what is left, by their ids", () => {
    const unfence = { started: ["i-2"], left: [lost], because: "1 of the 3" };
    expect(tellUnfence(facts({ unfence, unfenceError: error }))).toEqual({
      started: ["i-2"],
      stopped: ["i-1"],
      because: "StaleLeaseError: lost the lease; 1 of the 3",
      hint: "When eu-west-1 is to serve again, start them by hand: aws ec2 start-instances --region eu-west-1 --instance-ids i-1",
    });
  });

  it.each([
    [
      "the plan holds the fence",
      { run: aRun() },
      "the plan keeps the fence when a run fails (recover.onFailure: hold)",
    ],
    ["the run died first", {}, "the run ended before it could start them again"],
    ["Unfence failed", { unfenceError: error }, "StaleLeaseError: lost the lease"],
  ])("says why nothing was started: %s", (_case, over, because) => {
    expect(tellUnfence(facts(over))).toMatchObject({ started: [], stopped: ["i-1", "i-2", "i-3"], because });
  });
});

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
    expect(judgeUnfence([...states], polls, [])).toMatchObject({ action, code, because });
  });

  it("says which servers run and which do not", () => {
    expect(judgeUnfence(servers("running", "stopping"), 1, [])).toMatchObject({
      started: ["i-0"],
      left: [{ server: "i-1", state: "stopping", problem: null }],
    });
  });

  it("looks often while a shutdown may end, then less often", () => {
    expect([1, 60, 61, 119].map((polls) => judgeUnfence(servers("stopping"), polls, []).waitSeconds)).toEqual([
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
