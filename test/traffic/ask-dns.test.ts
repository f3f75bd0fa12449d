import { describe, expect, it } from "vitest";
import type { RecordValue, TrafficRecord } from "../../functions/core/model/plan.ts";
import { sideAddresses } from "../../functions/traffic/ask-dns.ts";
import { aPlan } from "../support/builders.ts";
import { aContext } from "../support/context.ts";

const [base] = aPlan().traffic!.records as [TrafficRecord];
const to = (recovery: RecordValue, over: Partial<TrafficRecord> = {}): TrafficRecord => ({
  ...base,
  recovery,
  ...over,
});
const v6 = to({ addresses: ["2001:db8::2"] }, { type: "AAAA" });
const changes = [
  { zone: base.zone, name: base.name, type: "A", set: "primary", before: [], after: ["192.0.2.10"] },
  { zone: base.zone, name: base.name, type: "A", set: "recovery", before: [], after: ["203.0.113.5"] },
];

describe("where a side answers", () => {
  it.each<[string, TrafficRecord[], string[]]>([
    [
      "the addresses of the plan",
      [to({ addresses: ["198.51.100.2", "198.51.100.1"] })],
      ["198.51.100.1", "198.51.100.2"],
    ],
    ["of IPv4, where there are both", [v6, to({ addresses: ["198.51.100.1"] })], ["198.51.100.1"]],
    ["of IPv6, where there are no others", [v6], ["2001:db8::2"]],
    [
      "what the name of a load balancer resolves to",
      [to({ alias: { zone: "ZELB", name: "lb.example.net" } })],
      ["198.51.100.7"],
    ],
    ["nothing of one that does not resolve", [to({ alias: { zone: "ZELB", name: "gone.example.net" } })], []],
    ["what Reroute wrote of launched servers", [to({ launched: "web" })], ["203.0.113.5"]],
    ["nothing of launched servers that it did not write", [to({ launched: "web" }, { name: "x.example.com" })], []],
  ])("%s", async (_, records, expected) => {
    const context = aContext({ dns: { "A lb.example.net": { values: ["198.51.100.7"] } } });
    expect(await sideAddresses(context, records, "recovery", changes)).toEqual(expected);
  });
});
