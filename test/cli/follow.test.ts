import { describe, expect, it } from "vitest";
import type { Call } from "../../functions/aws/calls/clients.ts";
import { aQuestion, aRun } from "../support/builders.ts";
import { aCommandScene, anExecution, planFile } from "../support/command-scene.ts";

const held = aRun({ name: "failover-pair-1", application: "pair" });
const lease = { id: held.id, name: held.name, machine: "failover", acquiredAt: "2026-03-02T11:50:00Z" };
const row = { pk: "pair", sk: "row" };
const byName = ["pair", "--region", "eu-central-1"];

/** The command line before a pair that a run holds; `running`: how often it is found at work before it ends. */
const aScene = async (given: { running?: number; typed?: string | null; looking?: () => void } = {}) => {
  const { running = 0, typed = null, looking } = given;
  const stopped: Call["input"][] = [];
  const end = anExecution({ output: { report: { value: { outcome: "succeeded", url: "s3://reports/x.md" } } } });
  let looks = 0;
  const scene = await aCommandScene({
    typed,
    answers: {
      ...end,
      DescribeExecution: () => {
        if (looks++ >= running) return end.DescribeExecution;
        looking?.();
        return { status: "RUNNING", startDate: new Date("2026-03-02T12:00:00Z") };
      },
      StopExecution: ({ input }: Call) => {
        stopped.push(input);
        return {};
      },
    },
  });
  const holds = (set: object) => scene.table.update(row, { set: { ...set } });
  await holds({ run: { ...lease, phaseBefore: "protected", points: {} }, phase: "running" });
  return { ...scene, stopped, holds };
};

describe("lifeboat follow", () => {
  it("attaches to the run that is on, and ends as it ends", async () => {
    const scene = await aScene({ running: 2 });
    expect(await scene.run("follow", ...byName)).toEqual({
      code: 0,
      error: "",
      out: [
        "failover-pair-1 in eu-central-1: on since 2026-03-02T11:50:00Z",
        "failover-pair-1: succeeded after 3m 20s",
        "report: s3://reports/x.md",
        "",
      ].join("\n"),
    });
  });

  it("says now and then that nothing is new, where no line can change", async () => {
    const scene = await aScene({ running: 12 });
    const { out } = await scene.run("follow", ...byName);
    expect(out).toMatch(/^still after started: 40s$/m);
    expect(out.match(/^still after/gm)).toHaveLength(2);
  });

  it("follows a pass of replication when nothing moves the application", async () => {
    const scene = await aScene();
    await scene.table.update(row, {
      remove: ["run"],
      set: { protect: { ...lease, name: "replicate-1", machine: "replicate" } },
    });
    expect((await scene.run("follow", ...byName, "--json")).out).toContain(
      '"machine":"replicate","name":"replicate-1"',
    );
  });

  it("is refused when nothing is on", async () => {
    const scene = await aScene();
    await scene.table.update(row, { remove: ["run"] });
    expect(await scene.run("follow", planFile)).toEqual({
      code: 1,
      out: "",
      error: `error: nothing of pair is on\nnext: lifeboat status ${planFile} says how it stands\n`,
    });
  });

  it("says at Ctrl-C that the run goes on, how to look again and how to stop it", async () => {
    const scene = await aScene({ running: 1, looking: () => scene.interrupts[0]!() });
    expect((await scene.run("follow", ...byName)).error).toBe(
      [
        "failover-pair-1 goes on in AWS: only the looking has ended",
        "look: lifeboat follow pair --region eu-central-1",
        "stop: lifeboat abort pair --region eu-central-1",
        "",
      ].join("\n"),
    );
    expect(scene.interrupts).toEqual([]);
  });
});

describe("lifeboat abort", () => {
  const nothingMoved = [
    "failover-pair-1 is on since 2026-03-02T11:50:00Z",
    "- Users stay in eu-west-1: nothing has moved yet.",
    "- It has launched nothing, as far as its ledger says.",
    "- It has fenced nothing in eu-west-1, as far as its ledger says.",
    "- Nothing starts it again by itself, for the same incident; lifeboat failover pair --region eu-central-1 does, and lifeboat pause pair --region eu-central-1 keeps other incidents from it.",
    "- A step that is at work just now still ends; close then reports the run and frees its lease.",
  ];

  it("says what it leaves, asks, stops, and writes down who did it", async () => {
    const scene = await aScene({ running: 9, typed: "y" });
    const { code, out } = await scene.run("abort", ...byName, "--reason", "wrong Region");
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      ...nothingMoved,
      "failover-pair-1: stopped by ann; its lease is free within five minutes: lifeboat status pair --region eu-central-1",
      "",
    ]);
    expect(scene.asked).toEqual(["Stop failover-pair-1? [y/N] "]);
    expect(scene.stopped).toEqual([{ executionArn: held.id, cause: "stopped by ann: wrong Region" }]);
    expect(await scene.store.ledger("pair", "people")).toMatchObject([
      { outcome: "Aborted", detail: { because: "failover-pair-1 stopped by ann: wrong Region" } },
    ]);
  });

  it.each([
    ["n", "error: failover-pair-1 was not stopped\nnext: It goes on.\n"],
    [null, "error: failover-pair-1 was not stopped\nnext: Read what it would leave; --yes stops it.\n"],
  ])("stops nothing upon the answer %j", async (typed, error) => {
    const scene = await aScene({ running: 9, typed });
    expect(await scene.run("abort", ...byName)).toMatchObject({ code: 1, error });
    expect(scene.stopped).toEqual([]);
  });

  it("tells what a run has launched, fenced and moved, and sends to withhold while it asks", async () => {
    const scene = await aScene({ running: 9 });
    for (const state of ["Launch", "Fence"])
      await scene.store.record("pair", {
        run: held.name,
        state,
        subject: "",
        startedAt: "",
        endedAt: "",
        outcome: "Done",
        detail: {},
      });
    await scene.holds({ active: "eu-central-1", switch: 1 });
    const { leaves } = JSON.parse((await scene.run("abort", ...byName, "--yes", "--json")).out);
    expect(leaves.join("\n")).toMatch(
      /has moved: users are on their way to eu-central-1.*\n.*go on running, and cost.*\n.*stay so\. They must/,
    );

    const asking = await aScene({ running: 9 });
    await asking.store.saveQuestion("pair", aQuestion({ run: held.name, execution: held.id }), "token", "nonce");
    expect((await asking.run("abort", ...byName)).out).toContain(
      "lifeboat withhold pair --region eu-central-1 ends it in order",
    );
  });

  it("stops a pass of replication, of which nothing is lost", async () => {
    const scene = await aScene({ running: 9 });
    await scene.table.update(row, {
      remove: ["run"],
      set: { protect: { ...lease, name: "replicate-1", machine: "replicate" } },
    });
    const { code, out } = await scene.run("abort", ...byName, "--yes");
    expect([code, out]).toEqual([0, expect.stringContaining("No point is lost.")]);
  });

  it("says of a run that ended while it asked that it was not stopped", async () => {
    const scene = await aScene({ running: 1, typed: "y" });
    expect(await scene.run("abort", ...byName)).toMatchObject({
      code: 1,
      error: expect.stringContaining("failover-pair-1 had ended before it was stopped: SUCCEEDED"),
    });
    expect(await scene.store.ledger("pair", "people")).toEqual([]);
  });

  it("does not stop what has ended, nor what is not there", async () => {
    const scene = await aScene();
    expect((await scene.run("abort", ...byName, "--yes")).error).toContain(
      "failover-pair-1 has ended already: SUCCEEDED",
    );
    await scene.table.update(row, { remove: ["run"] });
    expect((await scene.run("abort", ...byName, "--yes")).error).toContain("nothing of pair is on");
    expect(scene.stopped).toEqual([]);
  });
});

describe("Ctrl-C at a start", () => {
  it("does not know yet whether the run has started", async () => {
    const scene = await aCommandScene({
      answers: {
        ...anExecution({ output: {} }),
        StartExecution: () => {
          scene.interrupts[0]!();
          return { executionArn: "arn:x" };
        },
      },
    });
    const { error } = await scene.run("replicate", planFile);
    expect(error).toMatch(
      /^whether replicate-pair-\w+ has started is not known\nsee: {2}lifeboat status pair --region eu-central-1\n/,
    );
  });
});
