import { SendTaskSuccessCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import type { Pause } from "../../functions/aws/store/store.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { wake } from "../../functions/wake.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aChunk } from "../support/queue.ts";
import { aHeldRow } from "../support/replication.ts";

const sfn = mockClient(SFNClient);
const fault = (name: string) => Object.assign(new Error(name), { name });
beforeEach(() => {
  sfn.reset();
  sfn.on(StartExecutionCommand).resolves({});
});

const arn = (id: string) => `arn:aws:ec2::eu-central-1:snapshot/${id}`;
const event = (over: object = {}, detail: object = {}) => ({
  application: "shop",
  event: {
    source: "aws.ec2",
    "detail-type": "EBS Snapshot Notification",
    region: "eu-central-1",
    resources: [arn("snap-0a1")],
    detail: { event: "copySnapshot", result: "succeeded", ...detail },
    ...over,
  },
});
const snapshots = event(
  { "detail-type": "EBS Multi-Volume Snapshots Completion Status", region: "eu-west-1", resources: [arn("snap-9")] },
  { event: "createSnapshots" },
);
const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 12) - seconds * 1_000).toISOString();

type Given = { pause?: Partial<Pause>; queued?: boolean; row?: Row };
const scene = async ({ pause, queued = true, row = aHeldRow() }: Given) => {
  const context = await withTable(aContext(), { plan: aPlan(), row });
  const usual = { token: "token", execution: "arn:pass", at: at(20), awaited: ["snap-0a1"], sources: false };
  if (pause) await context.store.savePause("shop", { ...usual, ...pause });
  if (queued) await context.store.saveQueue([aChunk()]);
  return context;
};

describe("an event of EBS", () => {
  it("an event of EBS ends the wait of the pass", async () => {
    expect(await wake(event(), await scene({ pause: {} }))).toMatchObject({ outcome: "resumed" });
    expect(sfn).toHaveReceivedCommandExactlyOnceWith(SendTaskSuccessCommand, { taskToken: "token", output: "{}" });
  });

  test.each<[string, unknown, Given]>([
    ["of a copy that is not awaited", event({ resources: [arn("snap-0b2")] }), { pause: {} }],
    ["of a snapshot while no source is awaited", snapshots, { pause: {} }],
    ["that comes with the pause", event(), { pause: { at: at(14) } }],
    ["when nothing is queued", event(), { queued: false }],
    ["while a pass is at work without a pause", event(), {}],
    ["while the last pause is long over, and a pass is at work", event(), { pause: { at: at(61) } }],
    [
      "while a run moves the application",
      event(),
      { row: aRow({ phase: "running", run: { name: "run-1" } as never }) },
    ],
    ["after a failover", event(), { row: aRow({ phase: "failedOver" }) }],
  ])("an event of EBS changes nothing %s", async (_, input, given) => {
    expect(await wake(input, await scene(given))).toMatchObject({ outcome: "ignored" });
    expect(sfn.calls()).toHaveLength(0);
  });

  it("an event of the source Region ends the wait for source snapshots", async () => {
    expect(await wake(snapshots, await scene({ pause: { sources: true } }))).toMatchObject({ outcome: "resumed" });
  });

  test.each(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])(
    "an event of EBS is no failure when the wait is over: %s",
    async (name) => {
      sfn.on(SendTaskSuccessCommand).rejects(fault(name));
      expect(await wake(event(), await scene({ pause: {} }))).toMatchObject({ outcome: "ignored" });
    },
  );

  it("an event of EBS fails when it may not end the wait, so that it comes again", async () => {
    sfn.on(SendTaskSuccessCommand).rejects(fault("AccessDeniedException"));
    await expect(wake(event(), await scene({ pause: {} }))).rejects.toThrow("AccessDeniedException");
  });
});

describe("a queue that nobody works at", () => {
  it("a queue without a pass gets one, once a minute", async () => {
    const context = await scene({ row: aRow() });
    expect(await wake(event(), context)).toMatchObject({ outcome: "started" });
    expect(sfn).toHaveReceivedCommandExactlyOnceWith(StartExecutionCommand, {
      stateMachineArn: "arn:replicate",
      name: "wake-shop-2026-03-02T12-00",
      input: JSON.stringify({ application: "shop", by: "schedule" }),
    });
    sfn.on(StartExecutionCommand).rejects(fault("ExecutionAlreadyExists"));
    expect(await wake(event(), context)).toMatchObject({ outcome: "ignored" });
  });

  it("a queue gets a new pass when the waiting pass is dead", async () => {
    sfn.on(SendTaskSuccessCommand).rejects(fault("TaskTimedOut"));
    expect(await wake(event(), await scene({ pause: {}, row: aRow() }))).toMatchObject({ outcome: "started" });
  });
});

describe("what is no event of EBS", () => {
  test.each([
    ["no application", { event: event().event }],
    ["another source", event({ source: "aws.s3" })],
    ["another type", event({ "detail-type": "EBS Volume Notification" })],
    ["another event", event({}, { event: "shareSnapshot" })],
    ["no Region", event({ region: undefined })],
    ["no resources", event({ resources: undefined })],
    ["no snapshot among the resources", event({ resources: ["arn:aws:ec2::eu-west-1:volume/vol-1", null] })],
    ["nothing at all", null],
  ])("an event that is none of EBS is dropped, and counted: %s", async (_, input) => {
    const context = await scene({ pause: {} });
    expect(await wake(input, context)).toMatchObject({ outcome: "ignored" });
    expect(context.told.metrics).toEqual([{ name: "DroppedEvents", value: 1, dimensions: { Reason: "NotShaped" } }]);
    expect(sfn.calls()).toHaveLength(0);
  });
});
