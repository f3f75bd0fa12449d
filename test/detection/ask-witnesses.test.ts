import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeAvailabilityZonesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import type { Probe, Witness } from "../../functions/core/model/plan.ts";
import { askWitnesses } from "../../functions/detection/ask-witnesses.ts";
import { aContext } from "../support/context.ts";
import { armedMinutes, aWorld, cloudWatch, ec2, error, messages, reset } from "../support/detect-scene.ts";

beforeEach(reset);

describe("detect and its witnesses", () => {
  it("does not fail over for a bad release: no regional witness is red", async () => {
    const { minutes, world } = await aWorld();
    await minutes(armedMinutes);
    world.canary = { status: 503, body: "" };
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "errors", StateValue: "ALARM" }] });
    expect((await minutes(6)).decision).toMatchObject({ action: "hold", code: "ApplicationUnhealthy" });
    expect(messages()).toEqual(["Lifeboat: shop: hold ApplicationUnhealthy"]);
  });
  it("holds what an alarm said before its Region fell silent", async () => {
    const { minutes, evidence } = await aWorld();
    cloudWatch.on(DescribeAlarmsCommand).resolves({ CompositeAlarms: [{ AlarmName: "errors", StateValue: "ALARM" }] });
    await minutes(1);
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
    await minutes(2);
    expect((await evidence())?.votes.errors).toMatchObject({ state: "unhealthy", at: "2026-03-02T12:00:00.000Z" });
  });
  it("takes a throttled API for no evidence", async () => {
    ec2.on(DescribeAvailabilityZonesCommand).rejects(error("RequestLimitExceeded"));
    const { minutes, evidence } = await aWorld();
    await minutes(1);
    expect((await evidence())?.votes.region?.state).toBe("cannot-tell");
  });
});

describe("askWitnesses", () => {
  const probe = (name: string, over: Partial<Probe>): Probe => ({
    name,
    kind: "probe",
    url: "https://shop.example.com/",
    connect: null,
    side: "primary",
    expect: [],
    contains: null,
    from: null,
    ...over,
  });
  const asked: string[] = [];
  const context = () => {
    asked.length = 0;
    return aContext({
      net: {
        http: async ({ url, connect }) => {
          asked.push(`${url} ${connect}`);
          return { status: 200, body: "" };
        },
        tcp: async ({ host, port }) => {
          asked.push(`${host} ${port}`);
          return { open: true };
        },
        resolve: async ({ name, type, server }) => {
          asked.push(`${type} ${name} ${server}`);
          return { values: ["healthy"] };
        },
      },
    });
  };
  it("asks each Region once for its alarms and once for its API, whatever the number of witnesses", async () => {
    const alarm = (name: string, region: string): Witness => ({ name, kind: "alarm", alarm: name, region });
    const api = (name: string): Witness => ({ name, kind: "api", region: "eu-west-1" });
    const answers = await askWitnesses(context(), [
      ...[alarm("a", "eu-west-1"), alarm("b", "eu-west-1"), alarm("c", "us-east-1"), api("x"), api("y")],
    ]);
    expect(Object.keys(answers.alarms)).toEqual(["eu-west-1", "us-east-1"]);
    const names = cloudWatch.commandCalls(DescribeAlarmsCommand).map(({ args: [{ input }] }) => input.AlarmNames);
    expect(names).toEqual([["a", "b"], ["c"]]);
    expect(ec2.commandCalls(DescribeAvailabilityZonesCommand)).toHaveLength(1);
    expect(answers.apis).toEqual({ "eu-west-1": { value: ["eu-west-1a"] } });
  });
  it("probes ports and pages through the given address, and leaves alone what a sensor probes", async () => {
    const answers = await askWitnesses(context(), [
      probe("page", { connect: "192.0.2.10" }),
      probe("port", { url: "tcp://db.example.com:5432" }),
      probe("address", { url: "tcp://db.example.com:5432", connect: "192.0.2.11" }),
      probe("home", { from: "eu-central-1" }),
      probe("third", { from: "eu-north-1" }),
    ]);
    expect(asked.sort()).toEqual([
      "192.0.2.11 5432",
      "db.example.com 5432",
      "https://shop.example.com/ 192.0.2.10",
      "https://shop.example.com/ null",
    ]);
    expect(Object.keys(answers.probes)).toEqual(["page", "port", "address", "home"]);
  });
  it("reads a health check through its TXT pair, at its own resolver", async () => {
    const check: Witness = {
      name: "route53",
      kind: "healthCheck",
      healthCheck: "id",
      text: "_lifeboat-shop.example.com",
      zone: "Z",
    };
    const answers = await askWitnesses(context(), [check]);
    expect(asked).toEqual(["TXT _lifeboat-shop.example.com null"]);
    expect(answers.texts).toEqual({ route53: { values: ["healthy"] } });
  });
});
