import { describe, expect, it } from "vitest";
import { judgeUnfence, mayResume, mayStart } from "../../../functions/core/fence/unfence.ts";
import { summarizeUnfence } from "../../../functions/core/fence/unfence-summary.ts";
import { aRow, aRun } from "../../support/builders.ts";

const servers = (...states: string[]) => states.map((state, nth) => ({ server: `i-${nth}`, state, problem: null }));
const refused = { server: "i-9", state: "stopped", problem: { code: "UnauthorizedOperation", lasting: true } };
const noRoom = { server: "i-9", state: "stopped", problem: { code: "InsufficientInstanceCapacity", lasting: false } };
const of = (count: number, all: number, rest = "") => `${count} of ${all} stopped servers are running again${rest}`;

describe("summarizeUnfence", () => {
  const lost = { server: "i-3", state: "terminated", problem: null };
  const read = ["i-1", "i-2", "i-3"].map((server) => ({ server, state: "stopped" }));
  const fence = { stopped: ["i-1", "i-2", "i-3"], servers: read };
  const facts = (over: Partial<Parameters<typeof summarizeUnfence>[0]> = {}) => ({
    run: aRun({ unfenceOnFailure: true }),
    row: aRow(),
    fence,
    unfence: null,
    unfenceError: null,
    ...over,
  });
  const error = { name: "StaleLeaseError", message: "lost the lease", hint: "" };

  it("summarizeUnfence has nothing to tell when the application moved, the fence stopped nothing, or a pass ran", () => {
    expect(summarizeUnfence(facts({ row: aRow({ active: "eu-central-1" }) }))).toBeNull();
    expect(summarizeUnfence(facts({ row: null }))).toBeNull();
    expect(summarizeUnfence(facts({ fence: null }))).toBeNull();
    expect(summarizeUnfence(facts({ fence: { stopped: [] } }))).toBeNull();
    expect(summarizeUnfence(facts({ run: aRun({ machine: "replicate" }) }))).toBeNull();
  });

  it("summarizeUnfence names what runs again, and asks for nothing when that is all that can", () => {
    const unfence = { started: ["i-1", "i-2"], left: [lost], because: "2 of the 3" };
    expect(summarizeUnfence(facts({ unfence }))).toEqual({
      started: ["i-1", "i-2"],
      stopped: [],
      because: "2 of the 3",
      hint: "",
    });
  });

  it("summarizeUnfence names nothing as stopped that the fence read as running, or isolated", () => {
    const states = ["running", "isolated", "stopping"];
    const servers = read.map(({ server }, at) => ({ server, state: states[at]! }));
    expect(summarizeUnfence(facts({ fence: { ...fence, servers } }))).toMatchObject({
      stopped: ["i-3"],
      hint: expect.stringMatching(/--instance-ids i-3$/),
    });
  });

  it("summarizeUnfence says so when the fence died before it could read which have stopped", () => {
    expect(summarizeUnfence(facts({ run: aRun(), fence: { stopped: ["i-1"] } }))?.because).toMatch(
      /^the fence ended before it could read which servers have stopped; the plan keeps the fence/,
    );
  });

  it("summarizeUnfence asks a person to start what is left, by their ids", () => {
    const unfence = { started: ["i-2"], left: [lost], because: "1 of the 3" };
    expect(summarizeUnfence(facts({ unfence, unfenceError: error }))).toEqual({
      started: ["i-2"],
      stopped: ["i-1"],
      because: "StaleLeaseError: lost the lease; 1 of the 3",
      hint: "To serve from eu-west-1 again: start the servers: aws ec2 start-instances --region eu-west-1 --instance-ids i-1",
    });
  });

  it("summarizeUnfence tells a person how to open subnets and to resume groups", () => {
    const done = {
      stopped: ["i-1"],
      suspended: [{ group: "web", processes: ["Launch", "Terminate"] }],
      isolated: [{ subnet: "subnet-1", formerAcl: "acl-1" }],
    };
    expect(summarizeUnfence(facts({ fence: done }))?.hint).toBe(
      "To serve from eu-west-1 again: give subnet-1 its network ACL acl-1 again; " +
        "start the servers: aws ec2 start-instances --region eu-west-1 --instance-ids i-1; " +
        "then aws autoscaling resume-processes --region eu-west-1 --auto-scaling-group-name web --scaling-processes Launch Terminate",
    );
    const unfence = { started: ["i-1"], left: [], held: ["Auto Scaling group web"], because: "all" };
    expect(summarizeUnfence(facts({ fence: done, unfence }))).toMatchObject({
      stopped: [],
      hint: expect.stringMatching(/^To serve from eu-west-1 again: then aws autoscaling resume-processes/),
    });
    expect(summarizeUnfence(facts({ fence: { ...done, stopped: [] }, unfence: { ...unfence, held: [] } }))?.hint).toBe(
      "",
    );
  });

  it.each([
    [
      "the plan holds the fence",
      { run: aRun() },
      "the plan keeps the fence when a run fails (recover.onFailure: hold)",
    ],
    ["the run died first", {}, "the run ended before it could start the servers again"],
    ["Unfence failed", { unfenceError: error }, "StaleLeaseError: lost the lease"],
  ])("summarizeUnfence says why nothing was started: %s", (_case, over, because) => {
    expect(summarizeUnfence(facts(over))).toMatchObject({ started: [], stopped: ["i-1", "i-2", "i-3"], because });
  });
});

it.each([
  [servers("running", "terminated"), 1, true],
  [servers("running", "stopping"), 99, false],
  [[refused], 2, false],
  [[refused], 3, true],
])("Auto Scaling may go on while the servers are %j at poll %i: %s", (states, polls, may) => {
  expect(mayResume(states, polls)).toBe(may);
});

describe("judgeUnfence", () => {
  it.each([
    [servers("running", "running"), 1, "end", "Unfenced", of(2, 2)],
    [servers("running", "stopping"), 1, "wait", "NotYet", of(1, 2, "; not yet restored: i-1 (stopping)")],
    [servers("pending"), 9, "wait", "NotYet", of(0, 1, "; not yet restored: i-0 (pending)")],
    [servers("unknown"), 99, "wait", "NotYet", of(0, 1, "; not yet restored: i-0 (unknown)")],
    [
      servers("running", "terminated", "gone"),
      1,
      "end",
      "StillStopped",
      of(1, 3, "; not restored: i-1 (terminated), i-2 (gone)"),
    ],
    [[refused], 2, "wait", "NotYet", of(0, 1, "; not yet restored: i-9 (stopped, UnauthorizedOperation)")],
    [[refused], 3, "end", "StillStopped", of(0, 1, "; not restored: i-9 (stopped, UnauthorizedOperation)")],
    [[noRoom], 99, "wait", "NotYet", of(0, 1, "; not yet restored: i-9 (stopped, InsufficientInstanceCapacity)")],
    [
      [refused, ...servers("stopping")],
      7,
      "wait",
      "NotYet",
      of(0, 2, "; not yet restored: i-9 (stopped, UnauthorizedOperation), i-0 (stopping)"),
    ],
  ] as const)("judgeUnfence servers %j at poll %i: %s, %s", (states, polls, action, code, because) => {
    expect(judgeUnfence([...states], polls, [])).toMatchObject({ action, code, because });
  });

  it("judgeUnfence waits for subnets and groups, and gives up what is refused for good", () => {
    const group = { title: "Auto Scaling group web", code: "suspended", lasting: false };
    const subnet = { title: "subnet subnet-1", code: "UnauthorizedOperation", lasting: true };
    const running = servers("running");

    expect(judgeUnfence(running, 9, [group])).toMatchObject({ action: "wait", code: "NotYet", held: [group.title] });
    expect(judgeUnfence(running, 2, [subnet])).toMatchObject({ action: "wait" });
    expect(judgeUnfence(running, 3, [subnet])).toMatchObject({
      action: "end",
      code: "StillStopped",
      because: of(1, 1, "; not restored: subnet subnet-1 (UnauthorizedOperation)"),
    });
  });

  it("judgeUnfence says which servers run and which do not", () => {
    expect(judgeUnfence(servers("running", "stopping"), 1, [])).toMatchObject({
      started: ["i-0"],
      left: [{ server: "i-1", state: "stopping", problem: null }],
    });
  });

  it("judgeUnfence polls often while a shutdown may end, then less often", () => {
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
