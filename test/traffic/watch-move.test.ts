import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetRoutingControlStateCommand, Route53RecoveryClusterClient } from "@aws-sdk/client-route53-recovery-cluster";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Traffic } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { pauseApplication } from "../../functions/operators/controls.ts";
import { recordStep } from "../../functions/runtime/ledger.ts";
import { watchMove } from "../../functions/traffic/watch-move.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const cloudWatch = mockClient(CloudWatchClient);
const cluster = mockClient(Route53RecoveryClusterClient);
const states = mockClient(SFNClient);
const sns = mockClient(SNSClient);
const alarmIs = (StateValue: "OK" | "ALARM") =>
  cloudWatch
    .on(DescribeAlarmsCommand)
    .resolves({ MetricAlarms: [{ AlarmName: "lifeboat-takeover-shop", StateValue, StateReason: "1 datapoint" }] });
beforeEach(() => {
  for (const mock of [cloudWatch, cluster, states, sns]) mock.reset();
  alarmIs("OK");
  states.on(StartExecutionCommand).resolves({ executionArn: "arn:started" });
  sns.on(PublishCommand).resolves({});
});

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const takeover = aPlan().traffic as Traffic;
const failedOver = aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 });
const lastRun = { id: "arn:run-1", name: "run-1", outcome: "failed", endedAt: "2026-03-02T11:59:00.000Z" };
const unfinished: Row = { ...failedOver, lastRun: { ...lastRun, unfinished: { of: "run-1", tries: 0 } } };
const nameServer = {
  "NS example.com": { values: ["ns-1.awsdns.com"] },
  "A ns-1.awsdns.com": { values: ["205.251.192.1"] },
};
const answering = (value: string) => ({ ...nameServer, "A shop.example.com 205.251.192.1": { values: [value] } });

const aScene = async (row: Row, traffic: Partial<Traffic> | null = {}, value = "192.0.2.10") => {
  const plan = aPlan({
    traffic: traffic && { ...takeover, ...traffic },
    notify: { topics: [topic], on: ["decision", "done"] },
  });
  const context = await withTable(aContext({ dns: answering(value) }), { plan, row });
  const look = async () => watchMove(context, plan, await context.store.watched("shop"));
  return { context, look };
};
const messages = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);
const started = () => states.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input);

describe("watchMove", () => {
  it("tells once that others turned the switch, and once that it is back, and changes nothing", async () => {
    const { context, look } = await aScene(aRow());
    await look();
    expect(messages()).toEqual([]);
    alarmIs("ALARM");
    await look();
    await look();
    expect(messages()).toEqual(["Lifeboat: shop: hold TrafficElsewhere"]);
    expect(context.told.metrics).toContainEqual(expect.objectContaining({ name: "TrafficElsewhere", value: 1 }));
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toContain("who else publishes the metric");
    alarmIs("OK");
    await look();
    await look();
    expect(messages()).toEqual(["Lifeboat: shop: hold TrafficElsewhere", "Lifeboat: shop: hold TrafficBack"]);
    expect(started()).toEqual([]);
    const codes = (await context.store.ledger("shop", "detect")).map(({ subject }) => subject);
    expect(codes.sort()).toEqual(["TrafficBack", "TrafficElsewhere"]);
  });
  it("tells again until a topic takes it", async () => {
    const { look } = await aScene(aRow());
    alarmIs("ALARM");
    sns.on(PublishCommand).rejectsOnce(new Error("no")).resolves({});
    await look();
    await look();
    await look();
    expect(messages()).toHaveLength(2);
  });
  it("sees a record that was written back, and a control that was turned by hand", async () => {
    alarmIs("ALARM");
    const { look } = await aScene(failedOver);
    await look();
    expect(messages()).toEqual(["Lifeboat: shop: hold TrafficElsewhere"]);

    cluster.on(GetRoutingControlStateCommand).resolves({ RoutingControlState: "On" });
    const byControls = await aScene(aRow(), {
      switch: "routing-control",
      cluster: { endpoints: [{ region: "us-east-1", url: "https://c.example.com" }] },
      records: takeover.records.map((one) => ({ ...one, routingControls: { primary: "a/1", recovery: "a/2" } })),
    });
    await byControls.look();
    expect(messages()).toHaveLength(2);
    expect(sns.commandCalls(PublishCommand)[1]?.args[0].input.Message).toContain("routing control 2 is not Off");
  });
  it("leaves a run alone that is on, and a plan without traffic", async () => {
    alarmIs("ALARM");
    const run = {
      id: "i",
      name: "n",
      machine: "failover",
      acquiredAt: "",
      phaseBefore: "protected" as const,
      points: {},
    };
    await (await aScene(aRow({ run, phase: "running" }))).look();
    await (await aScene(aRow(), null)).look();
    expect([messages(), cloudWatch.calls()]).toEqual([[], []]);
  });
  it("goes on with a move that ended in the middle, under one name however many looks come to it", async () => {
    const { look } = await aScene(unfinished, { switch: "records" });
    await look();
    await look();
    expect(new Set(started().map(({ name }) => name))).toEqual(new Set(["resume-run-1-1"]));
    expect(JSON.parse(started()[0]!.input!)).toMatchObject({ application: "shop", by: "detect", resume: true });
    expect(messages()[0]).toBe("Lifeboat: shop: act MoveUnfinished");
  });
  it("says no second time that it goes on when another look has started the run", async () => {
    states.on(StartExecutionCommand).rejects(Object.assign(new Error("x"), { name: "ExecutionAlreadyExists" }));
    const { look } = await aScene(unfinished, { switch: "records" });
    await look();
    expect(messages()).toEqual([]);
  });
  it("goes on with nothing while people have paused it", async () => {
    const { context, look } = await aScene(unfinished, { switch: "records" });
    await pauseApplication(context, "shop", "ann", null);
    await look();
    expect(started()).toEqual([]);
  });
  it("tells when users are served after all, once it is heard, and has the report written again", async () => {
    alarmIs("ALARM");
    const { context, look } = await aScene(unfinished, {}, "198.51.100.10");
    sns.on(PublishCommand).rejectsOnce(new Error("no")).resolves({});
    await look();
    expect((await context.store.row("shop"))?.lastRun?.unfinished).toBeDefined();
    await look();
    await look();
    expect(messages()).toEqual(Array(2).fill("Lifeboat: shop: users are now served in eu-central-1"));
    expect((await context.store.row("shop"))?.lastRun).toEqual(lastRun);
    expect(await context.store.untoldRuns("shop")).toMatchObject([{ name: "run-1", again: true }]);
    const [served] = await context.store.ledger("shop", "run-1");
    expect(served).toMatchObject({ state: "VerifyTraffic", detail: { servedAt: "2026-03-02T12:00:00.000Z" } });
  });
  it.each([
    ["the new side answers, and half of the weights stay behind", 0, ["resume-run-1-1"]],
    ["the new side answers, and a zone has not moved", null, ["resume-run-1-1"]],
    ["the last step of the weights is made", 1, []],
  ])("goes on with records until all have moved: %s", async (_, step, names) => {
    const records = takeover.records.map((one) => ({
      ...one,
      policy: "weighted" as const,
      steps: [50, 100],
      gateSeconds: 60,
    }));
    const { context, look } = await aScene(unfinished, { switch: "records", records }, "198.51.100.10");
    const run = { application: "shop", name: "run-1" };
    if (step !== null)
      await recordStep(context, run, {
        state: "Reroute",
        startedAt: context.now(),
        outcome: "Moved",
        detail: { step },
      });
    await look();
    expect(started().map(({ name }) => name)).toEqual(names);
    expect((await context.store.row("shop"))?.lastRun?.unfinished === undefined).toBe(names.length === 0);
  });
  it("never ends a look", async () => {
    cloudWatch.on(DescribeAlarmsCommand).rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    const { context, look } = await aScene(aRow());
    await look();
    expect(context.told.logs.join()).toContain("the takeover switch could not be read");
    context.store.saveTrafficPlace = () => Promise.reject(new Error("no table"));
    alarmIs("ALARM");
    await look();
    expect(context.told.logs.join()).toContain("traffic could not be watched");
  });
});
