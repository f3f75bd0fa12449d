import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isProven, judgeFence, mayStop, mayStopBehind, stateAfter } from "../../functions/core/fence.ts";

const judged = (states: string[], over: Partial<Parameters<typeof judgeFence>[0]> = {}) =>
  judgeFence({
    servers: states.map((state, nth) => ({ server: `i-${nth}`, state })),
    answered: true,
    stop: { asked: true, answered: true, refused: false },
    source: "eu-west-1",
    policy: "best-effort",
    groups: { open: [], answered: true, refused: false },
    problems: [],
    unread: null,
    ...over,
  });

describe("judgeFence", () => {
  it.each([
    [["stopped", "terminated", "gone"], {}, "go-on", "Fenced", true, "read back from eu-west-1: 3 servers stopped"],
    [
      ["stopped", "stopping"],
      {},
      "go-on",
      "Fenced",
      true,
      "read back from eu-west-1: 2 servers stopped (1 still stopping: they take no new work)",
    ],
    [[], { answered: false }, "go-on", "NothingToFence", true, "the plan has no server to stop"],
    [
      ["unknown"],
      { answered: false },
      "go-on",
      "SourceSilent",
      false,
      "eu-west-1 did not answer: whether it still runs 1 server is not known; the plan says best-effort, so the run goes on without it",
    ],
    [
      ["unknown", "unknown"],
      { answered: false, policy: "required" },
      "refuse",
      "SourceSilent",
      false,
      "eu-west-1 did not answer: whether it still runs 2 servers is not known; the plan requires the fence",
    ],
    [
      ["stopped", "running"],
      { policy: "required", stop: { asked: true, answered: true, refused: true } },
      "refuse",
      "NotProven",
      false,
      "eu-west-1 answers, but these are not proven to be stopped: i-1 (running)",
    ],
    [
      Array(7).fill("running"),
      {},
      "again",
      "NotProven",
      false,
      "eu-west-1 answers, but these are not proven to be stopped: i-0 (running), i-1 (running), i-2 (running), i-3 (running), i-4 (running) and 2 more",
    ],
    [
      ["pending"],
      { stop: { asked: false, answered: false, refused: false } },
      "again",
      "NotProven",
      false,
      "eu-west-1 answers, but these are not proven to be stopped: i-0 (pending)",
    ],
    [
      ["running"],
      { stop: { asked: true, answered: false, refused: false } },
      "go-on",
      "StopUnanswered",
      false,
      "eu-west-1 lists its servers but does not answer when told to stop them: i-0 (running); the plan says best-effort, so the run goes on without it",
    ],
    [
      ["running"],
      { policy: "required", stop: { asked: true, answered: false, refused: false } },
      "refuse",
      "StopUnanswered",
      false,
      "eu-west-1 lists its servers but does not answer when told to stop them: i-0 (running); the plan requires the fence",
    ],
  ] as const)("servers %j with %j: %s, %s", (states, over, action, code, fenced, because) => {
    expect(judged([...states], over)).toEqual({ action, code, fenced, because });
  });
});

describe("states", () => {
  it.each([
    ["pending", false, false],
    ["running", false, true],
    ["unknown", false, true],
    ["stopping", true, false],
    ["stopped", true, false],
    ["shutting-down", true, false],
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
      ["isolated", "stopping"],
      {},
      "go-on",
      "Fenced",
      "read back from eu-west-1: 1 server stopped (1 still stopping: they take no new work), 1 server isolated by network ACL",
    ],
    [["running"], { problems: ["this", "that"] }, "refuse", "NotIsolable", "this; that"],
    [
      ["stopped"],
      { groups: open },
      "again",
      "GroupActive",
      "eu-west-1 does not suspend Auto Scaling, which may replace what is stopped: web",
    ],
    [
      ["stopped"],
      { groups: { ...open, refused: true } },
      "refuse",
      "GroupActive",
      "eu-west-1 does not suspend Auto Scaling, which may replace what is stopped: web",
    ],
    [
      ["stopped"],
      { groups: { ...open, answered: false } },
      "go-on",
      "StopUnanswered",
      "eu-west-1 does not suspend Auto Scaling, which may replace what is stopped: web; the plan says best-effort, so the run goes on without it",
    ],
  ] as const)("servers %j with %j: %s, %s", (states, over, action, code, because) => {
    const given = over as Partial<Parameters<typeof judgeFence>[0]>;
    expect(judged([...states], given)).toMatchObject({ action, code, because, fenced: code === "Fenced" });
  });

  it("lets required go on with nothing but proof", () => {
    const state = fc.constantFrom("running", "pending", "unknown", "stopping", "stopped", "isolated", "gone");
    fc.assert(
      fc.property(
        fc.array(state),
        fc.boolean(),
        fc.record({ asked: fc.boolean(), answered: fc.boolean(), refused: fc.boolean() }),
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

  it("stops behind an active group only when nobody tells of it, and by best-effort", () => {
    expect(mayStopBehind({ ...open, open: [] }, "required")).toBe(true);
    expect(mayStopBehind(open, "best-effort")).toBe(false);
    expect(mayStopBehind({ ...open, answered: false }, "best-effort")).toBe(true);
    expect(mayStopBehind({ ...open, answered: false }, "required")).toBe(false);
  });
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
