import {
  DescribeInstancesCommand,
  DescribeVolumeStatusCommand,
  DescribeVolumesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Verify } from "../../functions/core/plan.ts";
import type { HttpAnswer } from "../../functions/runtime/context.ts";
import { verify } from "../../functions/verify.ts";
import { aPlan, aResource, aRow, aRun, aServer } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const run = aRun();
const now = "2026-03-02T12:00:00.000Z";
const input = {
  ...{ run, server: aServer(), lease: { value: { generation: 1 } }, launch: { value: { instance: "i-new" } } },
};
const lookedAt = (secondsAgo: number) => {
  const since = new Date(Date.parse(now) - secondsAgo * 1_000).toISOString();
  return { ...input, verify: { value: { polls: 3, since, command: null } } };
};
const aScene = (how: Verify, { http = {} as Record<string, HttpAnswer> } = {}) => {
  const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", points: {} };
  const row = aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } });
  return withTable(aContext({ http }), { plan: aPlan({ protect: [aResource({ verify: how })] }), row });
};

beforeEach(() => ec2.reset());

describe("verify by the form that the plan says", () => {
  const public_ = { withinSeconds: 300, from: "public" as const };
  const shown = (address: string) =>
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [{ Instances: [{ InstanceId: "i-new", PublicIpAddress: address }] }],
    });

  it("asks over TLS, whoever the certificate names", async () => {
    shown("192.0.2.9");
    const context = await aScene({ ...public_, https: { port: 8443, path: "/" } });
    const asked: unknown[] = [];
    context.net.http = async (request) => {
      asked.push(request);
      return { status: 204, body: "" };
    };
    expect(await verify(input, context)).toMatchObject({ done: true, servedAt: now });
    const once = { url: "https://192.0.2.9:8443/", connect: null, timeoutSeconds: 3, anyCertificate: true };
    expect(asked).toEqual([once, once, once]);
  });

  it("counts three connections to an open port", async () => {
    shown("192.0.2.9");
    const context = await aScene({ ...public_, tcp: { port: 5432 } });
    let refusals = 1;
    context.net.tcp = async ({ host, port }) =>
      host === "192.0.2.9" && port === 5432 && refusals-- <= 0 ? { open: true } : { error: "ECONNREFUSED" };
    expect(await verify(input, context)).toMatchObject({ done: false, servedAt: null });
    expect(await verify(input, context)).toMatchObject({
      ...{ done: true, because: "3 connections in a row to tcp://192.0.2.9:5432" },
    });
  });

  it("serves only once its volumes are whole, where the plan waits for that", async () => {
    shown("192.0.2.9");
    const how: Verify = { ...public_, http: { port: 80, path: "/" }, initialized: true };
    const context = await aScene(how, { http: { "http://192.0.2.9:80/": { status: 200, body: "" } } });
    const Attachments = [{ InstanceId: "i-new" }];
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [{ VolumeId: "vol-1", SnapshotId: "snap-1", Attachments }] });
    const at = (Progress: number) => ({
      VolumeStatuses: [{ VolumeId: "vol-1", InitializationStatusDetails: { Progress } }],
    });
    ec2.on(DescribeVolumeStatusCommand).resolvesOnce(at(99)).resolves(at(100));
    expect(await verify(lookedAt(9), context)).toMatchObject({
      ...{ done: false, servedAt: null },
      because:
        "3 good answers in a row from http://192.0.2.9:80/; 1 of 1 volumes are being initialized: vol-1 99 %, after 9 of 300 s",
    });
    expect(await verify(lookedAt(12), context)).toMatchObject({ done: true, servedAt: now });
  });
});
