import {
  DescribeInstancesCommand,
  DescribeVolumeStatusCommand,
  DescribeVolumesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Verify } from "../../functions/core/model/plan.ts";
import type { HttpAnswer } from "../../functions/runtime/context.ts";
import { verify } from "../../functions/verify.ts";
import { aPlan, aResource, aServerItem } from "../support/builders.ts";
import { at, noon, passInput, serversIn, waveScene } from "../support/wave-scene.ts";

const ec2 = mockClient(EC2Client);
const now = noon;
const aScene = (how: Verify, { http = {} as Record<string, HttpAnswer> } = {}, secondsAgo = 0) => {
  const attachedAt = at(-secondsAgo).toISOString();
  const servers = [aServerItem({ state: "attached", instance: "i-new", attachedAt })];
  return waveScene({ plan: aPlan({ protect: [aResource({ verify: how })] }), servers }, { http });
};
/** A look in a wave that began long ago, and what the table says of the server then. */
const look = async (context: Awaited<ReturnType<typeof aScene>>) => {
  await verify(passInput({ waveSince: at(-900).toISOString() }), context);
  return (await serversIn(context))[0];
};

beforeEach(() => ec2.reset());

describe("verify by the form that the plan says", () => {
  const public_ = { withinSeconds: 300, from: "public" as const };
  const shown = (address: string) =>
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [{ Instances: [{ InstanceId: "i-new", PublicIpAddress: address }] }],
    });

  it("a TLS check accepts every certificate name", async () => {
    shown("192.0.2.9");
    const context = await aScene({ ...public_, https: { port: 8443, path: "/" } });
    const asked: unknown[] = [];
    context.net.http = async (request) => {
      asked.push(request);
      return { status: 204, body: "" };
    };
    expect(await look(context)).toMatchObject({ state: "served", servedAt: now });
    const once = { url: "https://192.0.2.9:8443/", connect: null, timeoutSeconds: 3, anyCertificate: true };
    expect(asked).toEqual([once, once, once]);
  });

  it("a TCP check counts three connections to an open port", async () => {
    shown("192.0.2.9");
    const context = await aScene({ ...public_, tcp: { port: 5432 } });
    let refusals = 1;
    context.net.tcp = async ({ host, port }) =>
      host === "192.0.2.9" && port === 5432 && refusals-- <= 0 ? { open: true } : { error: "ECONNREFUSED" };
    expect(await look(context)).toMatchObject({ state: "attached", servedAt: null });
    expect(await look(context)).toMatchObject({
      state: "served",
      because: "3 connections in a row to tcp://192.0.2.9:5432",
    });
  });

  it("a server serves only once its volumes are initialized, where the plan waits for that", async () => {
    shown("192.0.2.9");
    const how: Verify = { ...public_, http: { port: 80, path: "/" }, initialized: true };
    const context = await aScene(how, { http: { "http://192.0.2.9:80/": { status: 200, body: "" } } });
    const Attachments = [{ InstanceId: "i-new" }];
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [{ VolumeId: "vol-1", SnapshotId: "snap-1", Attachments }] });
    const loaded = (Progress: number) => ({
      VolumeStatuses: [{ VolumeId: "vol-1", InitializationStatusDetails: { Progress } }],
    });
    ec2.on(DescribeVolumeStatusCommand).resolves(loaded(99));
    const http = { "http://192.0.2.9:80/": { status: 200, body: "" } };
    expect(await look(context)).toMatchObject({ state: "attached", servedAt: null });
    expect((await look(await aScene(how, { http }, 300)))?.error?.message).toContain(
      "3 good answers in a row from http://192.0.2.9:80/; 1 of 1 volumes are still initializing: vol-1 99 %, after 300 s",
    );
    ec2.on(DescribeVolumeStatusCommand).resolves(loaded(100));
    expect(await look(context)).toMatchObject({ state: "served", servedAt: now });
  });
});
