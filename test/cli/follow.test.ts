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
        "failover-pair-1 in eu-central-1: running since 2026-03-02T11:50:00Z",
        "failover-pair-1: succeeded after 3m 20s",
        "report: s3://reports/x.md",
        "",
      ].join("\n"),
    });
  });

  it("lifeboat follow says now and then that nothing is new, where no line can change", async () => {
    const scene = await aScene({ running: 12 });
    const { out } = await scene.run("follow", ...byName);
    expect(out).toMatch(/^no change since started: 40s$/m);
    expect(out.match(/^no change since/gm)).toHaveLength(2);
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

  it("lifeboat follow is refused when nothing is on", async () => {
    const scene = await aScene();
    await scene.table.update(row, { remove: ["run"] });
    expect(await scene.run("follow", planFile)).toEqual({
      code: 1,
      out: "",
      error: `error: pair: nothing is running\nnext: See its state: lifeboat status ${planFile}\n`,
    });
  });

  it("lifeboat follow says at Ctrl-C that the run goes on, how to look again and how to stop it", async () => {
    const scene = await aScene({ running: 1, looking: () => scene.interrupts[0]!() });
    expect((await scene.run("follow", ...byName)).error).toBe(
      [
        "failover-pair-1 continues in AWS; this command no longer follows it",
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
    "failover-pair-1 has been running since 2026-03-02T11:50:00Z",
    "- Users stay in eu-west-1: traffic has not been switched.",
    "- According to its ledger, it has launched no server.",
    "- According to its ledger, it has fenced no server in eu-west-1.",
    "- Lifeboat does not start it again for the same incident. lifeboat failover pair --region eu-central-1 starts it again; lifeboat pause pair --region eu-central-1 prevents a start for other incidents.",
    "- A step that is running now still completes. Then close reports the run and releases its lease.",
  ];

  it("lifeboat abort says what it leaves, asks, stops, and writes down who did it", async () => {
    const scene = await aScene({ running: 9, typed: "y" });
    const { code, out } = await scene.run("abort", ...byName, "--reason", "wrong Region");
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      ...nothingMoved,
      "failover-pair-1: stopped by ann; its lease is released within five minutes: lifeboat status pair --region eu-central-1",
      "",
    ]);
    expect(scene.asked).toEqual(["Stop failover-pair-1? [y/N] "]);
    expect(scene.stopped).toEqual([{ executionArn: held.id, cause: "stopped by ann: wrong Region" }]);
    expect(await scene.store.ledger("pair", "people")).toMatchObject([
      { outcome: "Aborted", detail: { because: "failover-pair-1 stopped by ann: wrong Region" } },
    ]);
  });

  it.each([
    ["n", "error: failover-pair-1 was not stopped\nnext: It continues.\n"],
    [
      null,
      "error: failover-pair-1 was not stopped\nnext: Read what it would leave behind, then add --yes to stop it.\n",
    ],
  ])("lifeboat abort stops nothing upon the answer %j", async (typed, error) => {
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
      /already goes to eu-central-1.*\n.*keep running and cost money.*\n.*stay so\. They must/,
    );

    const asking = await aScene({ running: 9 });
    await asking.store.saveQuestion("pair", aQuestion({ run: held.name, execution: held.id }), "token", "nonce");
    expect((await asking.run("abort", ...byName)).out).toContain(
      "lifeboat withhold pair --region eu-central-1 rejects the request",
    );
  });

  it("lifeboat abort stops a pass of replication, of which nothing is lost", async () => {
    const scene = await aScene({ running: 9 });
    await scene.table.update(row, {
      remove: ["run"],
      set: { protect: { ...lease, name: "replicate-1", machine: "replicate" } },
    });
    const { code, out } = await scene.run("abort", ...byName, "--yes");
    expect([code, out]).toEqual([0, expect.stringContaining("No recovery point is lost.")]);
  });

  it("lifeboat abort says of a run that ended while it asked that it was not stopped", async () => {
    const scene = await aScene({ running: 1, typed: "y" });
    expect(await scene.run("abort", ...byName)).toMatchObject({
      code: 1,
      error: expect.stringContaining("failover-pair-1 had ended before it was stopped: SUCCEEDED"),
    });
    expect(await scene.store.ledger("pair", "people")).toEqual([]);
  });

  it("lifeboat abort does not stop what has ended, nor what is not there", async () => {
    const scene = await aScene();
    expect((await scene.run("abort", ...byName, "--yes")).error).toContain(
      "failover-pair-1 has already ended: SUCCEEDED",
    );
    await scene.table.update(row, { remove: ["run"] });
    expect((await scene.run("abort", ...byName, "--yes")).error).toContain("pair: nothing is running");
    expect(scene.stopped).toEqual([]);
  });
});

describe("Ctrl-C at a start", () => {
  it("Ctrl-C at a start does not know yet whether the run has started", async () => {
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
      /^replicate-pair-\w+ may or may not have started\nsee: {2}lifeboat status pair --region eu-central-1\n/,
    );
  });
});
