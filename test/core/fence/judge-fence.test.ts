import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hangingOf } from "../../../functions/core/fence/decision.ts";
import { isProven, mayStop } from "../../../functions/core/fence/facts.ts";
import { judgeFence, mayStopBehind } from "../../../functions/core/fence/judge-fence.ts";
import { stateAfter } from "../../../functions/core/fence/outcome.ts";
import { fenceWaitSeconds, remediesOf } from "../../../functions/core/fence/summary.ts";

const judged = (states: string[], over: Partial<Parameters<typeof judgeFence>[0]> = {}) =>
  judgeFence({
    servers: states.map((state, nth) => ({ server: `i-${nth}`, state })),
    answered: true,
    stop: { answered: true, refused: false },
    source: "eu-west-1",
    policy: "best-effort",
    groups: { open: [], answered: true, refused: false },
    problems: [],
    unread: null,
    seconds: 0,
    ...over,
  });

describe("judgeFence", () => {
  it.each([
    [["stopped", "terminated", "gone"], {}, "go-on", "Fenced", true, "read back from eu-west-1: 3 servers stopped"],
    [
      ["stopped", "stopping", "shutting-down"],
      {},
      "wait",
      "Stopping",
      false,
      "servers are still shutting down and may take writes: i-1 (stopping), i-2 (shutting-down)",
    ],
    [
      ["stopping"],
      { seconds: 300 },
      "go-on",
      "Stopping",
      false,
      "servers are still shutting down and may take writes: i-0 (stopping); the forced stop had no effect. fence: best-effort, continuing unfenced",
    ],
    [
      ["stopping"],
      { policy: "required", seconds: 300 },
      "wait",
      "Stopping",
      false,
      "servers are still shutting down and may take writes: i-0 (stopping)",
    ],
    [
      ["stopping"],
      { policy: "required", seconds: 900 },
      "refuse",
      "Stopping",
      false,
      "servers are still shutting down and may take writes: i-0 (stopping); the forced stop had no effect. fence: required, not continuing unfenced",
    ],
    [
      ["stopping", "running"],
      {},
      "again",
      "NotProven",
      false,
      "eu-west-1 responds, but these servers are not confirmed as stopped: i-0 (stopping), i-1 (running)",
    ],
    [[], { answered: false }, "go-on", "NothingToFence", true, "the plan has no server to stop"],
    [
      ["unknown"],
      { answered: false },
      "go-on",
      "SourceSilent",
      false,
      "eu-west-1 is unreachable; cannot confirm that 1 server is stopped. fence: best-effort, continuing unfenced",
    ],
    [
      ["unknown"],
      { answered: false, policy: "required", seconds: 299 },
      "wait",
      "SourceSilent",
      false,
      "eu-west-1 is unreachable; cannot confirm that 1 server is stopped. fence: required, not continuing unfenced",
    ],
    [
      ["unknown", "unknown"],
      { answered: false, policy: "required", seconds: 300 },
      "refuse",
      "SourceSilent",
      false,
      "eu-west-1 is unreachable; cannot confirm that 2 servers are stopped. fence: required, not continuing unfenced",
    ],
    [
      ["stopped", "running"],
      { policy: "required", stop: { answered: true, refused: true } },
      "refuse",
      "NotProven",
      false,
      "eu-west-1 responds, but these servers are not confirmed as stopped: i-1 (running)",
    ],
    [
      Array(7).fill("running"),
      {},
      "again",
      "NotProven",
      false,
      "eu-west-1 responds, but these servers are not confirmed as stopped: i-0 (running), i-1 (running), i-2 (running), i-3 (running), i-4 (running) and 2 more",
    ],
    [
      ["pending"],
      { stop: { answered: true, refused: false } },
      "again",
      "NotProven",
      false,
      "eu-west-1 responds, but these servers are not confirmed as stopped: i-0 (pending)",
    ],
    [
      ["running"],
      { stop: { answered: false, refused: false } },
      "go-on",
      "StopUnanswered",
      false,
      "eu-west-1 lists its servers but does not respond to StopInstances: i-0 (running). fence: best-effort, continuing unfenced",
    ],
    [
      ["running"],
      { policy: "required", stop: { answered: false, refused: false }, seconds: 300 },
      "refuse",
      "StopUnanswered",
      false,
      "eu-west-1 lists its servers but does not respond to StopInstances: i-0 (running). fence: required, not continuing unfenced",
    ],
  ] as const)("judgeFence servers %j with %j: %s, %s", (states, over, action, code, fenced, because) => {
    expect(judged([...states], over)).toEqual({ action, code, fenced, because });
  });
});

describe("states", () => {
  it.each([
    ["pending", false, false],
    ["running", false, true],
    ["unknown", false, true],
    ["stopping", false, false],
    ["isolated", true, false],
    ["stopped", true, false],
    ["shutting-down", false, false],
    ["terminated", true, false],
    ["gone", true, false],
  ])("a server that is %s: proven %s, may be stopped %s", (state, provenNow, stoppable) => {
    expect([isProven({ server: "i-0", state }), mayStop(state)]).toEqual([provenNow, stoppable]);
  });
});

it("takes no server for nothing to fence only when what the plan selects was read", () => {
  expect(judged([], {})).toMatchObject({ code: "NothingToFence", fenced: true });
  const unread = { answered: true, refused: false };
  expect(judged([], { unread })).toMatchObject({ action: "again", code: "SelectionUnread", fenced: false });
});

describe("judgeFence of isolated servers and of groups", () => {
  const open = { open: ["web"], answered: true, refused: false };

  it.each([
    [["isolated", "isolated"], {}, "go-on", "Fenced", "read back from eu-west-1: 2 servers isolated by network ACL"],
    [
      ["isolated", "stopped"],
      {},
      "go-on",
      "Fenced",
      "read back from eu-west-1: 1 server stopped, 1 server isolated by network ACL",
    ],
    [["running"], { problems: ["this", "that"] }, "refuse", "NotIsolable", "this; that"],
    [
      ["stopped"],
      { groups: open },
      "again",
      "GroupActive",
      "Auto Scaling in eu-west-1 is not suspended and may replace stopped servers: web",
    ],
    [
      ["stopped"],
      { groups: { ...open, refused: true } },
      "refuse",
      "GroupActive",
      "Auto Scaling in eu-west-1 is not suspended and may replace stopped servers: web",
    ],
    [
      ["stopped"],
      { groups: { ...open, answered: false } },
      "go-on",
      "StopUnanswered",
      "Auto Scaling in eu-west-1 is not suspended and may replace stopped servers: web. fence: best-effort, continuing unfenced",
    ],
  ] as const)("judgeFence servers %j with %j: %s, %s", (states, over, action, code, because) => {
    const given = over as Partial<Parameters<typeof judgeFence>[0]>;
    expect(judged([...states], given)).toMatchObject({ action, code, because, fenced: code === "Fenced" });
  });

  it("judgeFence lets `required` continue only with proof", () => {
    const state = fc.constantFrom("running", "pending", "unknown", "stopping", "stopped", "isolated", "gone");
    fc.assert(
      fc.property(
        fc.array(state),
        fc.boolean(),
        fc.record({ answered: fc.boolean(), refused: fc.boolean() }),
        fc.record({ open: fc.constantFrom<string[]>([], ["web"]), answered: fc.boolean(), refused: fc.boolean() }),
        fc.option(fc.record({ answered: fc.boolean(), refused: fc.boolean() })),
        (states, answered, stop, groups, unread) => {
          const { action, fenced } = judged(states, { policy: "required", answered, stop, groups, unread });
          const isFenced = states.every((one) => isProven({ server: "", state: one }));
          const isProof = isFenced && groups.open.length === 0 && unread === null;
          expect(action === "go-on").toBe(isProof || (states.length === 0 && unread === null));
          expect(fenced).toBe(action === "go-on");
        },
      ),
    );
  });

  it("judgeFence continues past an active group only when it cannot be read, and by best-effort", () => {
    expect(mayStopBehind({ ...open, open: [] }, "required")).toBe(true);
    expect(mayStopBehind(open, "best-effort")).toBe(false);
    expect(mayStopBehind({ ...open, answered: false }, "best-effort")).toBe(true);
    expect(mayStopBehind({ ...open, answered: false }, "required")).toBe(false);
  });
});

describe("a server that shuts down", () => {
  const server = (id: string, at: string) => ({ kind: "server" as const, id, stopped: true, by: "run-1", at });
  const stopping = (id: string) => ({ server: id, state: "stopping" });
  const now = new Date("2026-03-02T12:02:00.000Z");

  it("a server hangs when it shuts down for two minutes, counted from the stop, or from when that was first seen", () => {
    const held = [server("i-1", "2026-03-02T12:00:00.000Z"), server("i-2", "2026-03-02T12:00:01.000Z")];
    const ended = { server: "i-1", state: "stopped" };
    expect(hangingOf([stopping("i-1"), stopping("i-2"), stopping("i-3")], held, now)).toEqual(["i-1"]);
    expect(hangingOf([ended], held, now)).toEqual([]);
  });

  it("a server that shuts down is polled often until then, and less often while it hangs", () => {
    expect([0, 119, 120, 600].map(fenceWaitSeconds)).toEqual([3, 3, 10, 10]);
  });
});

it("the fence names the command with which a person lets each server be stopped", () => {
  const of = (code: string) => remediesOf("eu-west-1", [{ server: "i-1", code }]);
  expect(of("OperationNotPermitted")).toBe(
    "Run aws ec2 modify-instance-attribute --region eu-west-1 --instance-id i-1 --no-disable-api-stop.",
  );
  expect(of("UnsupportedOperation")).toBe(
    "Run aws ec2 terminate-instances --region eu-west-1 --instance-ids i-1 (a one-time Spot Instance is never stopped).",
  );
  expect(of("UnauthorizedOperation")).toBe("");
});

describe("stateAfter", () => {
  it.each([
    ["nobody read it back", null, "stopping", "unknown"],
    ["the listing lags behind the reply", { "i-0": "running" }, "stopping", "stopping"],
    ["the listing is ahead of the reply", { "i-0": "stopped" }, "stopping", "stopped"],
    ["it is listed no more", {}, "stopping", "gone"],
    ["there is no reply", { "i-0": "running" }, null, "running"],
  ])("%s", (_case, listed, replied, state) => {
    const replies = replied ? [{ id: "i-0", state: replied }] : [];
    expect(stateAfter("i-0", replies, listed && new Map(Object.entries(listed)))).toBe(state);
  });
});
