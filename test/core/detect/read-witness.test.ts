import { describe, expect, it } from "vitest";
import { type Answers, isProbedHere, readWitness } from "../../../functions/core/detect/read-witness.ts";
import type { Probe, Witness } from "../../../functions/core/model/plan.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const nothing: Answers = { alarms: {}, apis: {}, probes: {}, texts: {} };
const told = { change: null, sensors: [], heartbeats: {}, issues: {}, home: "eu-central-1", now };
const region = "eu-west-1";
const probe = (from: string | null): Probe => ({
  name: "canary",
  kind: "probe",
  url: "https://shop.example.com/",
  connect: null,
  side: "primary",
  expect: [],
  contains: null,
  from,
});
const witnesses: Record<string, Witness> = {
  alarm: { name: "errors", kind: "alarm", alarm: "errors", region },
  api: { name: "region", kind: "api", region },
  healthCheck: { name: "route53", kind: "healthCheck", healthCheck: "id", text: "_lifeboat", zone: "Z" },
  silence: { name: "quiet", kind: "silence", region, afterSeconds: 180 },
  awsHealth: { name: "aws", kind: "awsHealth", services: ["EC2"], region },
  probe: probe(null),
  third: probe("eu-north-1"),
};
const heartbeats = { at: "2026-03-02T11:59:30.000Z", report: "" };
const probes = { canary: { state: "healthy" as const, because: "HTTP 200", silent: false } };

describe("readWitness", () => {
  it.each<[string, Partial<Answers>, Partial<typeof told> | Record<string, unknown>, string]>([
    ["alarm", { alarms: { [region]: { value: { errors: { state: "ALARM", reason: "" } } } } }, {}, "unhealthy"],
    ["api", { apis: { [region]: { value: [] } } }, {}, "healthy"],
    ["healthCheck", { texts: { route53: { values: ["unhealthy"] } } }, {}, "unhealthy"],
    ["silence", {}, { heartbeats: { [region]: heartbeats } }, "healthy"],
    ["awsHealth", {}, { heartbeats: { [region]: heartbeats } }, "healthy"],
    ["probe", { probes: { canary: { status: 503, body: "" } } }, {}, "unhealthy"],
    [
      "third",
      {},
      { heartbeats: { "eu-north-1": heartbeats }, sensors: [{ region: "eu-north-1", at: "", probes }] },
      "healthy",
    ],
  ])("readWitness reads a witness of the kind %s", (name, answers, others, state) => {
    const seen = readWitness(witnesses[name]!, { ...nothing, ...answers }, undefined, { ...told, ...others });
    expect(seen.state).toBe(state);
  });
  it.each(Object.keys(witnesses))("cannot tell by %s what nobody asked", (name) => {
    expect(readWitness(witnesses[name]!, nothing, undefined, told)).toMatchObject({
      state: "cannot-tell",
      silent: false,
    });
  });
  it("hears an event of that alarm and of that Region only", () => {
    const silent = { ...nothing, alarms: { [region]: { silent: true, because: "TimeoutError" } } };
    const change = { alarm: "errors", region, state: "ALARM", reason: "", at: "2026-03-02T11:59:30.000Z" };
    const read = (over: Partial<typeof change>) =>
      readWitness(witnesses.alarm!, silent, undefined, { ...told, change: { ...change, ...over } }).state;
    expect([read({}), read({ alarm: "other" }), read({ region: "us-east-1" })]).toEqual([
      ...["unhealthy", "cannot-tell", "cannot-tell"],
    ]);
  });
});

it("detect itself runs the probes of its own Region", () => {
  const home = "eu-central-1";
  expect([probe(null), probe(home), probe("eu-north-1"), witnesses.api!].map((one) => isProbedHere(one, home))).toEqual(
    [...[true, true, false, false]],
  );
});
