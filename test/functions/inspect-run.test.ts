import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunLease } from "../../functions/core/model/row.ts";
import { inspectRun } from "../../functions/inspect-run.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const states = mockClient(SFNClient);
beforeEach(() => states.reset());

const held = { machine: "failover", name: "run-1", acquiredAt: "2026-03-02T11:00:00.000Z" };
const lease: RunLease = {
  ...held,
  id: "arn:aws:states:eu-central-1:1:execution:m:run-1",
  phaseBefore: "protected",
  points: {},
};
const protect = {
  ...held,
  id: "arn:aws:states:eu-central-1:1:execution:m:pass-1",
  name: "pass-1",
  machine: "replicate",
};
const run = aRun({ machine: "close" });
const inspect = async (row = aRow({ run: lease }), polls?: number) => {
  const context = await withTable(aContext(), { plan: aPlan(), row });
  return inspectRun({ run, ...(polls !== undefined && { inspect: { value: { polls } } }) }, context);
};

describe("inspectRun", () => {
  it("InspectRun is idle when nobody holds a lease", async () => {
    expect(await inspect(aRow())).toEqual({ finding: "idle", waitSeconds: 1, polls: 1 });
    expect(states.calls()).toHaveLength(0);
  });
  it("InspectRun is idle while the holder lives", async () => {
    states.on(DescribeExecutionCommand).resolves({ status: "RUNNING" });
    expect((await inspect()).finding).toBe("idle");
  });
  it("InspectRun waits until no step of the dead run can be at work, and counts its polls", async () => {
    states
      .on(DescribeExecutionCommand)
      .resolves({ status: "TIMED_OUT", stopDate: new Date("2026-03-02T11:59:50.000Z") });
    expect(await inspect(undefined, 3)).toEqual({ finding: "ending", waitSeconds: 81, polls: 4 });
  });
  it("InspectRun names the dead run that close must end", async () => {
    states.on(DescribeExecutionCommand).resolves({
      status: "FAILED",
      stopDate: new Date("2026-03-02T11:50:00.000Z"),
      error: "States.Runtime",
      cause: "no path",
    });
    expect(await inspect()).toEqual({
      finding: "ended",
      waitSeconds: 1,
      polls: 1,
      closing: {
        ...held,
        id: lease.id,
        lease: "run",
        status: "FAILED",
        endedAt: "2026-03-02T11:50:00.000Z",
        error: "States.Runtime",
        cause: "no path",
      },
    });
  });
  it("InspectRun names a run that ended well but was not reported", async () => {
    const at = "2026-03-02T11:50:00.000Z";
    states.on(DescribeExecutionCommand).resolves({ status: "SUCCEEDED", stopDate: new Date(at) });
    const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
    const untold = { ...held, id: lease.id, run: aRun(), since: at, triedAt: at };
    await context.store.saveUntoldRun("shop", untold);
    expect(await inspectRun({ run }, context)).toEqual({
      finding: "ended",
      waitSeconds: 1,
      polls: 1,
      closing: {
        ...held,
        id: lease.id,
        run: aRun(),
        lease: "none",
        status: "SUCCEEDED",
        endedAt: at,
        error: null,
        cause: null,
      },
    });
  });
  it("InspectRun closes a dead pass, and an execution that Step Functions has forgotten", async () => {
    states.on(DescribeExecutionCommand).rejects(Object.assign(new Error("gone"), { name: "ExecutionDoesNotExist" }));
    expect(await inspect(aRow({ protect }))).toMatchObject({
      finding: "ended",
      closing: { name: "pass-1", lease: "protect", status: "FAILED", error: "ExecutionDoesNotExist" },
    });
    const rotate = { ...protect, name: "rotate-1", machine: "rotate" };
    expect(await inspect(aRow({ rotate }))).toMatchObject({
      closing: { name: "rotate-1", machine: "rotate", lease: "rotate" },
    });
  });
});
