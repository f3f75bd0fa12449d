import { describe, expect, it } from "vitest";
import type { Call } from "../../functions/aws/calls/clients.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { aPoint } from "../support/builders.ts";
import { aCommandScene, anExecution, awsError, planFile } from "../support/command-scene.ts";

const done = { lease: { value: { held: true } }, report: { value: { outcome: "succeeded" } } };

const aPointAt = (at: string) => {
  const id = `server.${at.replace(/[-:]|\.\d{3}/g, "")}`;
  return aPoint({
    application: "pair",
    resource: "server",
    id,
    openedAt: at,
    pointAt: at,
    completedAt: at,
    settledAt: at,
    servers: ["i-1"],
    swept: true,
    imaged: false,
  });
};
/** Complete points ten minutes apart: the plan keeps the newest one of an hour. */
const pointsOf = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aPointAt(new Date(Date.parse("2026-03-02T03:00:00Z") - (count - 1 - index) * 600_000).toISOString()),
  );

const aScene = async (count: number, given: Parameters<typeof aCommandScene>[0] = {}) => {
  const snapshots = (call: Call) => {
    const filters = (call.input.Filters as { Name: string; Values: string[] }[] | undefined) ?? [];
    const wanted = filters.find(({ Name }) => Name === `tag:${tagKeys.point}`)?.Values ?? [];
    return {
      Snapshots: wanted.map((point) => ({
        SnapshotId: `snap-${call.region}-${point.slice(-7, -1)}`,
        State: "completed",
        StartTime: new Date(0),
        Tags: [{ Key: tagKeys.point, Value: point }],
      })),
    };
  };
  const answers = {
    ...anExecution({ output: done }),
    DescribeSnapshots: snapshots,
    DescribeImages: { Images: [] },
    ...given.answers,
  };
  const scene = await aCommandScene({ ...given, answers });
  for (const point of pointsOf(count)) await scene.store.savePoint(point);
  return scene;
};
const started = ({ calls }: { calls: string[] }) => calls.filter((call) => call.startsWith("StartExecution"));

describe("lifeboat rotate", () => {
  it("lifeboat rotate says what goes and why, and goes on without asking when it is little", async () => {
    const inputs: unknown[] = [];
    const StartExecution = ({ input }: Call) => {
      inputs.push(JSON.parse(`${input.input}`));
      return { executionArn: "arn:x" };
    };
    const scene = await aScene(1, { answers: { StartExecution } });
    for (const hour of [4, 5, 6, 7, 8, 9]) await scene.store.savePoint(aPointAt(`2026-03-02T0${hour}:30:00.000Z`));
    await scene.store.savePoint(aPointAt("2026-03-02T04:00:00.000Z"));
    const { code, out } = await scene.run("rotate", planFile);
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 3)).toEqual([
      "server.20260302T040000Z  2026-03-02T04:00:00.000Z  deleted: no longer kept by hourly 24, daily 7, weekly 4, monthly 12 (1 in the recovery Region, 1 source)",
      "1 of 8 complete points goes, 7 stay",
      "rotate-pair-20260302T120000Z in eu-central-1: started",
    ]);
    expect(inputs).toEqual([{ application: "pair" }]);
    expect(scene.asked).toEqual([]);
  });

  it("lifeboat rotate asks on a terminal when more than a fifth goes, and passes on the approval", async () => {
    const inputs: unknown[] = [];
    const StartExecution = ({ input }: Call) => {
      inputs.push(JSON.parse(`${input.input}`));
      return { executionArn: "arn:x" };
    };
    const scene = await aScene(6, { typed: "y", answers: { StartExecution } });
    const { code, out } = await scene.run("rotate", planFile);
    expect(scene.asked).toEqual([
      expect.stringMatching(/^\d of 6 complete points would go.* Delete them\? \[y\/N\] $/),
    ]);
    expect(out).toMatch(
      /^server\.\d{8}T\d{6}Z {2}2026-03-02T02:\S+ {2}deleted: no longer kept by .*\(1 in the recovery Region, 1 source\)$/m,
    );
    expect(inputs).toEqual([{ application: "pair", approve: true }]);
    expect(code).toBe(0);
  });

  it.each([
    ["n", "nothing was started", "Change keep in the plan"],
    ["", "nothing was started", "Change keep in the plan"],
    [
      null,
      ".* would go, more than 20 % of them; nothing was started",
      "Read the list above, then add --yes to confirm.",
    ],
  ])("lifeboat rotate starts nothing when the answer is %j", async (typed, what, next) => {
    const scene = await aScene(6, { typed });
    const { code, error } = await scene.run("rotate", planFile);
    expect(code).toBe(1);
    expect(error).toMatch(new RegExp(`^error: ${what}\nnext: ${next}.*\n$`));
    expect(started(scene)).toEqual([]);
  });

  it("lifeboat rotate does not ask with --yes", async () => {
    const scene = await aScene(6);
    expect((await scene.run("rotate", planFile, "--yes")).code).toBe(0);
    expect([scene.asked, started(scene)]).toEqual([[], ["StartExecution eu-central-1"]]);
  });

  it("lifeboat rotate starts nothing when nothing goes", async () => {
    const scene = await aScene(1);
    expect(await scene.run("rotate", planFile)).toMatchObject({ code: 0, out: "0 of 1 complete point go, 1 stays\n" });
    expect(JSON.parse((await scene.run("rotate", planFile, "--json")).out)).toMatchObject({
      outcome: "succeeded",
      because: "nothing to delete",
    });
    expect(started(scene)).toEqual([]);
  });

  it("prints the plan and every call with --dry-run, and sends none that changes anything", async () => {
    const scene = await aScene(6);
    const { code, out } = await scene.run("rotate", planFile, "--dry-run");
    expect(code).toBe(0);
    expect(out).toMatch(/^would send: EC2 DeleteSnapshot in eu-central-1 snap-/m);
    expect(out).toMatch(/^would send: EC2 DeleteSnapshot in eu-west-1 snap-/m);
    expect(out).toMatch(/^not sent: SFN StartExecution in eu-central-1 .*lifeboat-rotate:live/m);
    expect(scene.calls.filter((call) => !call.startsWith("Describe"))).toEqual([]);
    const { out: json } = await scene.run("rotate", planFile, "--dry-run", "--json");
    const told = JSON.parse(json);
    expect(told).toMatchObject({ dryRun: true, plan: { complete: 6 }, keptBack: [{ operation: "StartExecution" }] });
    expect(told.plan.going[0]).toMatchObject({ action: "rotate", target: [expect.stringMatching(/^snap-/)] });
  });

  it("lifeboat rotate says that a silent source keeps what it has", async () => {
    const silent = (call: Call) =>
      call.region === "eu-west-1"
        ? Object.assign(awsError("RequestTimeout"), { $metadata: { httpStatusCode: 503 } })
        : { Snapshots: [] };
    const scene = await aScene(6, { answers: { DescribeSnapshots: silent } });
    const { out } = await scene.run("rotate", planFile, "--dry-run");
    expect(out).toContain("the source Region did not answer: its snapshots are kept for now");
    expect(out).toContain("sources not read");
  });
});
