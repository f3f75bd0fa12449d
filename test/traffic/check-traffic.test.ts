import {
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { GetRoutingControlStateCommand, Route53RecoveryClusterClient } from "@aws-sdk/client-route53-recovery-cluster";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Traffic } from "../../functions/core/model/plan.ts";
import { checkTraffic } from "../../functions/traffic/check-traffic.ts";
import { aPlan } from "../support/builders.ts";
import { aContext } from "../support/context.ts";

const route53 = mockClient(Route53Client);
const cluster = mockClient(Route53RecoveryClusterClient);
const fault = (name: string) => Object.assign(new Error(name), { name });
const name = "shop.example.com A";
const controls = { primary: "arn:panel/control/p", recovery: "arn:panel/control/r" };
const takeover = aPlan().traffic!;
const byControls: Traffic = {
  ...takeover,
  switch: "routing-control",
  cluster: { endpoints: [{ region: "us-west-2", url: "https://x.example.com" }] },
  records: takeover.records.map((record) => ({ ...record, routingControls: controls })),
};
const check = (traffic: Traffic | null, active = "eu-west-1") => checkTraffic(aContext(), aPlan({ traffic }), active);

const pair = (primary: string | null, secondary: string | null): ResourceRecordSet[] => {
  const set = (Failover: "PRIMARY" | "SECONDARY", value: string, id: string | null): ResourceRecordSet => ({
    Name: "shop.example.com.",
    Type: "A",
    Failover,
    TTL: 30,
    ResourceRecords: [{ Value: value }],
    SetIdentifier: Failover === "PRIMARY" ? "primary" : "recovery",
    ...(id && { HealthCheckId: id }),
  });
  return [set("PRIMARY", "192.0.2.10", primary), set("SECONDARY", "198.51.100.10", secondary)];
};
const has = (id: string, HealthCheckConfig: HealthCheckConfig) =>
  route53.on(GetHealthCheckCommand, { HealthCheckId: id }).resolves({
    HealthCheck: { Id: id, CallerReference: id, HealthCheckVersion: 1, HealthCheckConfig },
  });
const follows = (id: string, RoutingControlArn: string) => has(id, { Type: "RECOVERY_CONTROL", RoutingControlArn });
const says = (p: "On" | "Off", r: "On" | "Off") => {
  const of = (RoutingControlArn: string) => cluster.on(GetRoutingControlStateCommand, { RoutingControlArn });
  of(controls.primary).resolves({ RoutingControlState: p });
  of(controls.recovery).resolves({ RoutingControlState: r });
};

beforeEach(() => {
  route53.reset();
  cluster.reset();
  route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: pair("hc-1", null) });
  has("hc-1", {
    Type: "CLOUDWATCH_METRIC",
    AlarmIdentifier: { Name: "takeover", Region: "eu-central-1" },
    InsufficientDataHealthStatus: "LastKnownStatus",
  });
});

describe("the traffic of a plan before a run", () => {
  it("that moves none needs no look", async () => {
    expect(await check(null)).toEqual({ problems: [], warnings: [] });
    expect(route53.calls()).toEqual([]);
  });

  it("as it should be is nothing to tell, on the way there and back", async () => {
    expect(await check(takeover)).toEqual({ problems: [], warnings: [] });
    expect(await check(takeover, "eu-central-1")).toEqual({ problems: [], warnings: [] });
  });

  it("that is not as the zone says is a problem, another TTL a warning", async () => {
    const [primary, secondary] = pair("hc-1", null);
    const edited = { ...primary!, TTL: 300, ResourceRecords: [{ Value: "192.0.2.99" }] };
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [edited, secondary!] });
    expect(await check(takeover)).toEqual({
      problems: [`${name}: the set "primary" has 192.0.2.99, the plan has 192.0.2.10`],
      warnings: [`${name}: the set "primary" has a TTL of 300 s, the plan has 30 s`],
    });
  });

  it("that cannot be read is a warning: a takeover does not need it", async () => {
    route53.on(ListResourceRecordSetsCommand).rejects(fault("TimeoutError"));
    expect(await check(takeover)).toEqual({
      problems: [],
      warnings: ["could not check the records and their health inputs (TimeoutError)"],
    });
  });

  it.each<[string, string[], boolean, boolean]>([
    ["fails", ["Failure: HTTP 503"], false, true],
    ["is well", ["Success: HTTP 200"], false, false],
    ["is well, but inverted", ["Success: HTTP 200"], true, true],
    ["has told nothing", [], false, false],
  ])("whose standby has a check of its own that %s", async (_, said, Inverted, hinders) => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: pair("hc-1", "hc-2") });
    has("hc-2", { Type: "HTTPS", Inverted });
    const HealthCheckObservations = said.map((Status) => ({ StatusReport: { Status } }));
    route53.on(GetHealthCheckStatusCommand, { HealthCheckId: "hc-2" }).resolves({ HealthCheckObservations });

    const { problems, warnings } = await check({ ...takeover, allowHealthInputs: true });

    expect(warnings).toEqual([`${name}: the SECONDARY set has the health check hc-2`]);
    expect(problems).toEqual(
      hinders ? [expect.stringContaining("with both records unhealthy Route 53 answers PRIMARY")] : [],
    );
  });

  it("whose standby's check has no status, or cannot be asked, is judged without", async () => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: pair("hc-1", "hc-2") });
    const allowed = { ...takeover, allowHealthInputs: true };
    has("hc-2", { Type: "CALCULATED" });
    expect((await check(allowed)).problems).toEqual([]);
    has("hc-2", { Type: "TCP" });
    route53.on(GetHealthCheckStatusCommand).rejects(fault("Throttling"));
    expect((await check(allowed)).problems).toEqual([]);
  });
});

describe("routing controls before a run", () => {
  beforeEach(() => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: pair("p", "r") });
    follows("p", controls.primary);
    follows("r", controls.recovery);
    says("On", "Off");
  });

  it("that move the pair's records are nothing to tell", async () => {
    expect(await check(byControls)).toEqual({ problems: [], warnings: [] });
  });

  it("that say otherwise than the row are a warning", async () => {
    expect(await check(byControls, "eu-central-1")).toEqual({
      problems: [],
      warnings: [
        "routing control p is not Off, though the recovery side serves",
        "routing control r is not On, though the recovery side serves",
      ],
    });
  });

  it("are a problem when no endpoint answers, or when one says that there is none", async () => {
    cluster.on(GetRoutingControlStateCommand).rejects(fault("EndpointTemporarilyUnavailableException"));
    cluster.on(GetRoutingControlStateCommand, { RoutingControlArn: controls.primary }).rejects(fault("TimeoutError"));
    expect((await check(byControls)).problems).toEqual([
      expect.stringMatching(/^routing controls: no endpoint of the cluster answers: us-west-2 \(/),
    ]);
    cluster.reset();
    cluster.on(GetRoutingControlStateCommand).rejects(fault("ResourceNotFoundException"));
    expect((await check(byControls)).problems).toEqual([
      "routing controls: ResourceNotFoundException: ResourceNotFoundException",
    ]);
  });

  it("are looked at by the cluster alone where the control plane does not answer", async () => {
    route53.on(ListResourceRecordSetsCommand).rejects(fault("TimeoutError"));
    expect(await check(byControls)).toEqual({
      problems: [],
      warnings: ["could not check the records and their health inputs (TimeoutError)"],
    });
  });
});
