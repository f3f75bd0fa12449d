import {
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { toPayload } from "../../functions/core/payload.ts";
import { fence } from "../../functions/fence.ts";
import { gate } from "../../functions/gate.ts";
import { report } from "../../functions/report.ts";
import { unfence } from "../../functions/unfence.ts";
import { aPlan, aRun, aServerItem } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { held, lease } from "../support/fence-mocks.ts";
import { withTable } from "../support/memory-table.ts";

const [ec2, s3] = [mockClient(EC2Client), mockClient(S3Client)];
const ids = Array.from({ length: 3_000 }, (_, at) => `i-${String(at).padStart(17, "0")}`);
const run = aRun({ unfenceOnFailure: true });
const states = new Map<string, "running" | "stopped">();

beforeEach(() => {
  for (const id of ids) states.set(id, "running");
  ec2.reset();
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters = [] }) => {
    const wanted: string[] = Filters.find(({ Name }: { Name?: string }) => Name === "instance-id")?.Values ?? [];
    const Instances = wanted.map((id): Instance => ({ InstanceId: id, State: { Name: states.get(id)! } }));
    return { Reservations: [{ Instances }] };
  });
  const turn =
    (to: "running" | "stopped") =>
    ({ InstanceIds }: { InstanceIds: string[] }) => {
      for (const id of InstanceIds) states.set(id, to);
      const changes = InstanceIds.map((InstanceId) => ({ InstanceId, CurrentState: { Name: to } }));
      return { StoppingInstances: changes, StartingInstances: changes };
    };
  ec2.on(StopInstancesCommand).callsFake(turn("stopped"));
  ec2.on(StartInstancesCommand).callsFake(turn("running"));
});

const { traffic } = aPlan();
const records = traffic!.records.map((record) => ({
  ...record,
  policy: "weighted" as const,
  steps: [10, 100],
  gateSeconds: 60,
}));
const plan = aPlan({ traffic: { ...traffic!, switch: "records", acceptControlPlane: true, records } });

const sceneOf = async () => {
  const context = await withTable(aContext(), { plan, row: held });
  for (const server of ids) await context.store.addServer("shop", run.name, aServerItem({ server, point: "p" }));
  const fenced = toPayload(await fence({ run, lease }, context));
  return { context, fenced };
};
const error = { Error: "RefusedError", Cause: "the switch could not be turned" };
const told = () => JSON.parse(String(s3.commandCalls(PutObjectCommand)[0]!.args[0].input.Body));

describe("three thousand servers", () => {
  it("a fence of three thousand servers is a few words in the payload, and complete in the report", async () => {
    const { context, fenced } = await sceneOf();
    expect(JSON.stringify(fenced).length).toBeLessThan(500);
    expect(fenced).toMatchObject({
      done: true,
      fenced: true,
      because: "read back from eu-west-1: 3000 servers stopped",
    });
    await report({ run, error, fence: { value: fenced } }, context);
    expect(told().unfence.stopped).toEqual(ids);
  });

  it("three thousand fenced servers are in the report even when the ledger could not be written, because the table has them", async () => {
    const { context, fenced } = await sceneOf();
    const store = { ...context.store, ledger: async () => [] };
    await report({ run, error, fence: { value: fenced } }, { ...context, store });
    expect(told().unfence.stopped).toEqual(ids);
  });

  it("three thousand servers are started again, and the payload says so in a few words", async () => {
    const { context, fenced } = await sceneOf();
    const undone = toPayload(await unfence({ run, lease }, context));
    expect(JSON.stringify(undone).length).toBeLessThan(500);
    expect(undone).toMatchObject({ done: true });
    await report({ run, error, fence: { value: fenced }, unfence: { value: undone } }, context);
    expect(told().unfence).toMatchObject({ started: ids, stopped: [] });
  });

  it("a gate does not go back when the ledger knows of three thousand fenced servers", async () => {
    const { context, fenced } = await sceneOf();
    const staying = { ...run, unfenceOnFailure: false };
    const value = { at: "2026-03-02T12:00:00.000Z", step: 0, gateSeconds: 60 };
    const bad = { value: { at: value.at, bad: 1, looks: 1, total: 1 } };
    const look = await gate({ run: staying, lease, fence: { value: fenced }, reroute: { value }, gate: bad }, context);
    expect(look).toMatchObject({ again: true, because: expect.stringContaining("its servers stay fenced") });
  });
});
