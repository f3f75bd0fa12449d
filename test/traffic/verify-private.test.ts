import { GetChangeCommand, Route53Client } from "@aws-sdk/client-route-53";
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import type { Plan, Traffic, TrafficRecord } from "../../functions/core/model/plan.ts";
import type { DnsAnswer, HttpAnswer } from "../../functions/runtime/context.ts";
import { verifyTraffic } from "../../functions/verify-traffic.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const run = aRun();
const now = "2026-03-02T12:00:00.000Z";
const traffic = aPlan().traffic as Traffic;
const [record] = traffic.records as [TrafficRecord];
const url = "https://shop.example.com/healthz";

const said = (...values: string[]): DnsAnswer => ({ values });
const recovered = said("198.51.100.10");
const delegation: Record<string, DnsAnswer> = {
  "NS example.com": said("ns1.example.net", "ns2.example.net"),
  "A ns1.example.net": said("203.0.113.1"),
  "A ns2.example.net": said("203.0.113.2"),
};
const everywhere: Record<string, DnsAnswer> = { ...delegation, "A shop.example.com": recovered };
const served: Record<string, HttpAnswer> = { [`${url} 198.51.100.10`]: { status: 200, body: "ok" } };

const aScene = (dns: Record<string, DnsAnswer>, http = served, over: Partial<Plan> = {}) =>
  withTable(aContext({ dns, http }), { plan: aPlan(over), row: aRow() });

describe("a private zone", () => {
  const hidden = { ...record, name: "db.shop.internal", private: true, zone: "ZPRIVATE" };
  const byRecords = (...records: TrafficRecord[]): Partial<Plan> => ({
    traffic: { ...traffic, switch: "records", records },
  });
  const rerouted = {
    value: { at: now, changes: [], changeIds: { ZPRIVATE: "/change/C1", [record.zone]: "/change/C2" } },
  };
  const given = { run, reroute: rerouted };
  const later = (seconds: number) => () => new Date(Date.parse(now) + seconds * 1_000);
  const withServer = async (plan: Partial<Plan>) => {
    const context = await aScene(everywhere, served, plan);
    const step = { run: run.name, state: "Verify", subject: "i-src", startedAt: now, endedAt: now, outcome: "Served" };
    await context.store.record("shop", { ...step, detail: { instance: "i-new" } });
    return context;
  };
  const ssm = mockClient(SSMClient);
  const route53 = mockClient(Route53Client);
  const online = (...ids: string[]) =>
    ssm.on(DescribeInstanceInformationCommand).resolves({
      InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus: "Online" })),
    });
  beforeEach(() => {
    for (const mock of [ssm, route53]) mock.reset();
    online("i-new");
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "command-1" } });
  });

  it("is asked of a server of the run in the VPC, and of no public name server", async () => {
    const context = await withServer(byRecords(hidden));
    const first = await verifyTraffic(given, context);
    expect(first).toMatchObject({ done: false, because: "private zones: the command was sent", answers: [] });
    expect(first.asked).toEqual({ instance: "i-new", command: "command-1" });
    const [call] = ssm.commandCalls(SendCommandCommand);
    expect(call?.args[0].input.Parameters?.commands?.[0]).toContain(
      "lifeboat_dns ahostsv4 'db.shop.internal' '198.51.100.10' '192.0.2.10'",
    );

    ssm.on(GetCommandInvocationCommand).resolves({ Status: "InProgress" });
    const second = await verifyTraffic({ ...given, traffic: { value: first } }, context);
    expect(second).toMatchObject({ done: false, asked: first.asked });

    ssm
      .on(GetCommandInvocationCommand)
      .resolves({ Status: "Failed", StandardErrorContent: "db.shop.internal: 192.0.2.10" });
    const third = await verifyTraffic({ ...given, traffic: { value: second } }, context);
    expect(third).toMatchObject({ done: false, because: expect.stringContaining("db.shop.internal: 192.0.2.10") });
    expect(ssm).toHaveReceivedCommandTimes(SendCommandCommand, 2);

    ssm.on(GetCommandInvocationCommand).resolves({ Status: "Success" });
    expect(await verifyTraffic({ ...given, traffic: { value: third } }, context)).toMatchObject({
      done: true,
      privately: "vpc",
      servedAt: now,
      because: "private zones: as expected on i-new in the VPC",
    });
    expect(route53.calls()).toEqual([]);
  });

  it("without a server is what Route 53 says of the change, of its zone alone", async () => {
    const context = await aScene(everywhere, served, byRecords(record, hidden));
    route53.on(GetChangeCommand).resolves({ ChangeInfo: { Status: "PENDING" } as never });
    expect(await verifyTraffic(given, context)).toMatchObject({ done: false, privately: null });

    route53.on(GetChangeCommand).resolves({ ChangeInfo: { Status: "INSYNC" } as never });
    const done = await verifyTraffic(given, context);
    expect(done).toMatchObject({ done: true, privately: "INSYNC" });
    expect(done.because).toMatch(
      /from https:.*; private zones: Route 53 says INSYNC; the run has no server in the VPC$/,
    );
    expect(route53.commandCalls(GetChangeCommand).map(({ args }) => args[0].input.Id)).toEqual([
      "/change/C1",
      "/change/C1",
    ]);
  });

  it("is not INSYNC while the change of one of its zones has no id, as after a lost reply", async () => {
    const plan = byRecords(hidden, { ...hidden, name: "db.other.internal", zone: "ZOTHER" });
    const context = await aScene(everywhere, served, plan);
    route53.on(GetChangeCommand).resolves({ ChangeInfo: { Status: "INSYNC" } as never });
    const change = { zone: "ZOTHER", name: "db.other.internal", type: "A", set: null, before: [], after: [] };
    const lost = { ...given, reroute: { value: { ...rerouted.value, changes: [change] } } };

    expect(await verifyTraffic(lost, { ...context, now: later(30) })).toMatchObject({ done: false });
    expect(await verifyTraffic(lost, { ...context, now: later(60) })).toMatchObject({ privately: "unverified" });
  });

  it("that nobody can tell of is done after the usual time, and told as not verified", async () => {
    const context = await aScene(everywhere, served, byRecords(hidden));
    route53.on(GetChangeCommand).rejects(Object.assign(new Error("down"), { name: "ServiceUnavailable" }));
    expect((await verifyTraffic(given, { ...context, now: later(30) })).done).toBe(false);
    expect(await verifyTraffic(given, { ...context, now: later(60) })).toMatchObject({
      done: true,
      privately: "unverified",
    });
    const unknown = { ...given, reroute: { value: { ...rerouted.value, changeIds: {} } } };
    expect(await verifyTraffic(unknown, { ...context, now: later(60) })).toMatchObject({ privately: "unverified" });
  });

  it("whose server Systems Manager never reaches is left to Route 53 in the end", async () => {
    const context = await withServer(byRecords(hidden));
    route53.on(GetChangeCommand).resolves({ ChangeInfo: { Status: "INSYNC" } as never });
    online();
    const because = "private zones: Systems Manager reaches no server of the run yet";
    expect(await verifyTraffic(given, context)).toMatchObject({ done: false, because });
    const late = { ...given, traffic: { value: { polls: 40, since: now, asked: null } } };
    expect(await verifyTraffic(late, context)).toMatchObject({ done: true, privately: "INSYNC" });

    online("i-new");
    ssm.on(SendCommandCommand).rejects(Object.assign(new Error("Windows"), { name: "UnsupportedPlatformType" }));
    expect((await verifyTraffic(given, context)).because).toContain("(UnsupportedPlatformType) yet");
    ssm.on(SendCommandCommand).rejects(Object.assign(new Error("late"), { name: "InvalidInstanceId" }));
    expect((await verifyTraffic(given, context)).because).toBe(because);
    ssm.on(SendCommandCommand).rejects(Object.assign(new Error("slow"), { name: "ThrottlingException" }));
    await expect(verifyTraffic(given, context)).rejects.toMatchObject({ name: "ThrottlingException" });
  });
});
