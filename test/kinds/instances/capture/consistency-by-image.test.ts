import {
  CreateImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
} from "@aws-sdk/client-ec2";
import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { type SnapshotResult, snapshot } from "../../../../functions/snapshot.ts";
import { aPlan, aResource } from "../../../support/builders.ts";
import * as scenes from "../../../support/snapshot-scene.ts";
import { ec2, fault, input, instance, listed, manifestOf, run } from "../../../support/snapshot-scene.ts";

const ssm = mockClient(SSMClient);
const plan = aPlan({ protect: [aResource({ consistency: { before: "freeze", after: "thaw", withinSeconds: 60 } })] });
let told: string[] = [];
let now = new Date(run.startedAt);
const at = (seconds: number) => new Date(Date.parse(run.startedAt) + seconds * 1_000);

beforeEach(() => {
  scenes.reset();
  ssm.reset();
  told = [];
  now = new Date(run.startedAt);
  scenes.showing("i-1");
  const Instances = [{ ...instance("i-1"), PlatformDetails: "Windows" }];
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] });
  ec2.on(DescribeImagesCommand).resolves({});
  ssm.on(DescribeInstanceInformationCommand).resolves({
    InstanceInformationList: [{ InstanceId: "i-1", PingStatus: "Online" }],
  });
  ssm.on(ListCommandInvocationsCommand).resolves({ CommandInvocations: [{ InstanceId: "i-1", Status: "Success" }] });
  ssm.on(SendCommandCommand).callsFake(({ DocumentName }) => {
    told.push(DocumentName);
    return { Command: { CommandId: `c-${told.length}` } };
  });
  ec2.on(CreateImageCommand).callsFake(() => {
    told.push("image");
    return { ImageId: "ami-1" };
  });
});

/** Looks again and again, three seconds apart. */
const passes = async (context: Awaited<ReturnType<typeof scenes.aScene>>, count: number, seconds = 3) => {
  let last: SnapshotResult | null = null;
  for (let pass = 0; pass < count; pass += 1) {
    last = await snapshot({ ...input, ...(last && { snapshot: { value: last } }) }, context);
    now = new Date(now.getTime() + seconds * 1_000);
  }
  return last!;
};
const visible = (StartTime: Date) => {
  ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-1", State: "pending" }] });
  ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [{ ...listed("i-1"), StartTime }] });
};
const aScene = () => scenes.aScene(plan, { now: () => now });

describe("a server that goes by an image and is made consistent", () => {
  it("an image-based server stays frozen until the snapshots of its image are visible", async () => {
    const context = await aScene();
    await passes(context, 3);
    expect(told).toEqual(["freeze", "image", "image"]);
    visible(at(5));
    expect(await passes(context, 1)).toMatchObject({ done: true, next: "copy", problems: {} });
    expect(told).toEqual(["freeze", "image", "image", "thaw"]);
    expect(await manifestOf(context)).toMatchObject({ sourceImage: "ami-1", consistency: { state: "thawed" } });
  });

  it("an image-based server stays frozen no longer than allowed, and its set is crash-consistent then", async () => {
    const context = await aScene();
    await passes(context, 2, 40);
    expect(told).toEqual(["freeze", "image"]);
    await passes(context, 1);
    expect(told.at(-1)).toBe("thaw");
  });

  it("an image-based server stays frozen while it is unknown whether its image is being made", async () => {
    const context = await aScene();
    ec2.on(CreateImageCommand).rejects(fault("TimeoutError"));
    await passes(context, 2);
    visible(at(4));
    await passes(context, 1);
    expect(told).toEqual(["freeze", "thaw"]);
    expect((await manifestOf(context)).consistency).toMatchObject({ state: "thawed" });
  });

  it("an image-based server is crash-consistent when its image is of an earlier try", async () => {
    const context = await aScene();
    visible(at(-20));
    const because = "1 of 1 servers crash-consistent only: i-1: its image was made before it was frozen";
    expect(await passes(context, 2)).toMatchObject({ done: true, problems: { web: because } });
    expect((await manifestOf(context)).consistency).toMatchObject({ state: "crash" });
  });
});
