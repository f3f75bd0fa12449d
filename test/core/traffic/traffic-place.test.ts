import { describe, expect, it } from "vitest";
import type { Traffic } from "../../../functions/core/model/plan.ts";
import type { DnsReply } from "../../../functions/core/traffic/dns.ts";
import {
  judgePlace,
  type TrafficObservation,
  type TrafficPlace,
  type TrafficReading,
  updateTrafficPlace,
} from "../../../functions/core/traffic/traffic-place.ts";
import { aPlan, aRow } from "../../support/builders.ts";

const takeover = aPlan().traffic as Traffic;
const records: Traffic = { ...takeover, switch: "records" };
const controls: Traffic = {
  ...takeover,
  switch: "routing-control",
  records: takeover.records.map((record) => ({ ...record, routingControls: { primary: "a/1", recovery: "a/2" } })),
};
const said = (values: string[] | null): DnsReply => ({
  server: "205.251.192.1",
  name: "shop.example.com",
  type: "A",
  values,
  error: values ? null : "ETIMEOUT",
});
const nothing: TrafficObservation = { alarm: null, states: null, answers: [], resolved: {} };
const alarm = (state: "OK" | "ALARM" | "INSUFFICIENT_DATA") => ({ alarm: { state, reason: "1 datapoint" } });
const [old, moved] = [said(["192.0.2.10"]), said(["198.51.100.10"])];
const on = (first: string, second: string) => ({
  states: [
    { control: "a/1", state: first as "On" },
    { control: "a/2", state: second as "On" },
  ],
});

describe("judgePlace", () => {
  it.each<[string, Traffic, "primary" | "recovery", Partial<TrafficObservation>, TrafficReading["code"]]>([
    ["the switch rests", takeover, "primary", alarm("OK"), "Here"],
    ["somebody else turned the switch", takeover, "primary", alarm("ALARM"), "Elsewhere"],
    ["the switch was never written", takeover, "primary", alarm("INSUFFICIENT_DATA"), "Here"],
    ["nobody tells of the switch", takeover, "primary", {}, "Unknown"],
    ["the switch is turned, and so is DNS", takeover, "recovery", { ...alarm("ALARM"), answers: [moved] }, "Here"],
    [
      "the switch is turned, and DNS is not",
      takeover,
      "recovery",
      { ...alarm("ALARM"), answers: [moved, old] },
      "Elsewhere",
    ],
    ["the switch is not turned", takeover, "recovery", { ...alarm("OK"), answers: [moved] }, "Elsewhere"],
    ["no name server answers", takeover, "recovery", { ...alarm("ALARM"), answers: [said(null)] }, "Unknown"],
    ["a record is as it should be", records, "primary", { answers: [old] }, "Here"],
    ["a record was changed", records, "primary", { answers: [old, moved] }, "Elsewhere"],
    ["a record was deleted", records, "recovery", { answers: [said([])] }, "Elsewhere"],
    ["the controls rest", controls, "primary", on("On", "Off"), "Here"],
    ["a control was turned by hand", controls, "primary", on("On", "On"), "Elsewhere"],
    ["the cluster is silent", controls, "primary", {}, "Unknown"],
  ])("%s", (_case, traffic, side, seen, code) => {
    expect(judgePlace(traffic, side, { ...nothing, ...seen }).code).toBe(code);
  });
  it("judgePlace names what is otherwise", () => {
    const seen = { ...nothing, ...alarm("OK"), answers: [old] };
    expect(judgePlace(takeover, "recovery", seen).because).toBe(
      "the alarm of the takeover switch is OK (1 datapoint); shop.example.com A is answered by 192.0.2.10",
    );
  });
});

describe("updateTrafficPlace", () => {
  const now = new Date("2026-03-02T12:00:00.000Z");
  const here: TrafficReading = { code: "Here", because: "there" };
  const elsewhere: TrafficReading = { code: "Elsewhere", because: "not there" };
  const kept = (place: TrafficReading, told: boolean): TrafficPlace => ({
    ...place,
    since: "earlier",
    at: "earlier",
    told,
    revision: 4,
  });
  const ended = (minutes: number) => ({
    ...aRow(),
    lastRun: {
      id: "i",
      name: "n",
      outcome: "failed",
      endedAt: new Date(now.getTime() - minutes * 60_000).toISOString(),
    },
  });
  it.each<[string, TrafficPlace | null, TrafficReading, number | null, string | null]>([
    ["all is well, and was", null, here, null, null],
    ["it went elsewhere", null, elsewhere, null, "Elsewhere"],
    ["it went elsewhere while a switch may be at work", null, elsewhere, 4, null],
    ["it is still elsewhere five minutes after a run", null, elsewhere, 5, "Elsewhere"],
    ["it is elsewhere, as people know", kept(elsewhere, true), elsewhere, null, null],
    [
      "it is elsewhere for a day, as people know",
      { ...kept(elsewhere, true), at: "2026-03-01T12:00:00.000Z" },
      elsewhere,
      null,
      "Elsewhere",
    ],
    [
      "it is there for a day, as people know",
      { ...kept(here, true), at: "2026-03-01T12:00:00.000Z" },
      here,
      null,
      null,
    ],
    ["it is elsewhere, and nobody has heard of it", kept(elsewhere, false), elsewhere, null, "Elsewhere"],
    ["it is back", kept(elsewhere, true), here, null, "Here"],
    ["it is back at once after a run", kept(elsewhere, true), here, 0, "Here"],
    ["nobody can tell", kept(elsewhere, true), { code: "Unknown", because: "" }, null, null],
  ])("%s", (_case, before, place, minutes, code) => {
    const found = updateTrafficPlace(before, place, minutes === null ? aRow() : ended(minutes), now);
    expect(found?.code ?? null).toBe(code);
    if (found) expect(found).toMatchObject({ told: false, at: now.toISOString(), revision: before ? 5 : 1 });
    if (found && before?.code === found.code) expect(found.since).toBe("earlier");
  });
});
