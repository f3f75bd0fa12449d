import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts, LedgerStep } from "../../../functions/core/report/facts.ts";
import { reportText } from "../../../functions/core/report/markdown.ts";
import { buildReport } from "../../../functions/core/report/report.ts";
import { aPlan, aPoint, aResource, aRow, aRun } from "../../support/builders.ts";

const time = (minute: string) => `2026-03-02T${minute}:00.000Z`;
const entry = (state: string, from: string, over: Partial<LedgerStep> = {}): LedgerStep => ({
  state,
  subject: "",
  startedAt: time(from),
  endedAt: time(from).replace(":00.000", ":30.000"),
  outcome: "Done",
  detail: {},
  ...over,
});
const incident = {
  id: "20260302T1157Z",
  firstFailingAt: time("11:57"),
  decidedAt: time("12:00"),
  because: "2 of 2 witnesses are unhealthy",
  ask: false,
};
const run = aRun({ incident, request: { ...aRun().request, by: "detect" } });
const facts = (over: Partial<Facts> = {}): Facts => ({
  run,
  plan: aPlan(),
  row: aRow({ active: "eu-central-1" }),
  error: null,
  ledger: [
    entry("Verify", "12:02", {
      subject: "i-0a",
      outcome: "Served",
      detail: { servedAt: time("12:03"), because: "HTTP 200" },
    }),
    entry("Launch", "12:01", {
      subject: "i-0a",
      detail: { instance: "i-new", instanceType: "m5.large", subnet: "subnet-a", address: "10.0.0.10" },
    }),
    entry("Fence", "12:04", { outcome: "SourceSilent", detail: { because: "eu-west-1 is unreachable" } }),
  ],
  points: [aPoint(), aPoint({ id: "web.20260302T100000Z", pointAt: time("10:00") })],
  pinned: { web: "web.20260302T113000Z" },
  servers: [{ resource: "web", server: "i-0a", point: "web.20260302T113000Z", name: "web-1" }],
  warnings: ["web-1: the instance store is lost"],
  fence: { at: time("12:04"), sourceAnswered: false },
  traffic: {
    servedAt: time("12:08"),
    answers: [
      { name: "shop.example.com", values: ["198.51.100.10"] },
      { name: "shop.example.com", values: ["198.51.100.10"] },
    ],
  },
  unfence: null,
  unfenceError: null,
  changes: [],
  rotation: null,
  copies: null,
  now: new Date(time("12:09")),
  ...over,
});

describe("buildReport", () => {
  it("buildReport tells the run from the first failing evidence to users served", () => {
    expect(buildReport(facts())).toMatchObject({
      application: "shop",
      outcome: "succeeded",
      error: null,
      active: "eu-central-1",
      startedAt: time("12:00"),
      endedAt: time("12:09"),
      rtoSeconds: 660,
      rpoSeconds: 1_615,
      lossSeconds: 1_615,
      objectives: { rtoSeconds: 900, rpoSeconds: 3_600 },
      points: [{ resource: "web", id: "web.20260302T113000Z", pointAt: "2026-03-02T11:30:05.000Z" }],
      servers: [
        {
          name: "web-1",
          point: "web.20260302T113000Z",
          instance: "i-new",
          slot: "m5.large/subnet-a",
          servedAt: time("12:03"),
        },
      ],
      dns: [{ name: "shop.example.com", type: "A", before: ["192.0.2.10"], after: ["198.51.100.10"] }],
      decisions: [
        { at: time("12:00"), action: "act", code: "RegionUnhealthy", because: "2 of 2 witnesses are unhealthy" },
        { action: "Fence", code: "SourceSilent", because: "eu-west-1 is unreachable" },
      ],
      warnings: ["web-1: the instance store is lost"],
    });
  });
  it("buildReport puts the steps in order of time", () => {
    expect(buildReport(facts()).steps.map(({ state }) => state)).toEqual(["Launch", "Verify", "Fence"]);
  });
  it("buildReport counts from the start of the run when a person started it", () => {
    const person = buildReport(facts({ run: aRun() }));
    expect(person).toMatchObject({ rtoSeconds: 480, rpoSeconds: 1_795 });
    expect(person.decisions[0]).toEqual({
      at: time("12:00"),
      action: "act",
      code: "StartedByPerson",
      because: "no reason given",
    });
  });
  it("buildReport counts the loss to the fence when the source still took writes until then", () => {
    expect(buildReport(facts({ fence: { at: time("12:04"), sourceAnswered: true } })).lossSeconds).toBe(2_035);
  });
  it("buildReport takes the RPO of the resource that is worst off, and none when a resource has no point", () => {
    const plan = aPlan({ protect: [aResource(), aResource({ name: "app" })] });
    expect(buildReport(facts({ plan })).rpoSeconds).toBeNull();
    const app = aPoint({ resource: "app", id: "app.20260302T100000Z", pointAt: time("10:00") });
    expect(buildReport(facts({ plan, points: [...facts().points, app] })).rpoSeconds).toBe(7_020);
  });
  it("buildReport does not count a point that was made after the evidence, nor an open one", () => {
    const late = aPoint({ id: "web.20260302T115800Z", pointAt: time("11:58") });
    const open = aPoint({ id: "web.20260302T115000Z", pointAt: time("11:50"), state: "open" });
    expect(buildReport(facts({ points: [aPoint(), late, open] })).rpoSeconds).toBe(1_615);
  });
  it("buildReport knows no RTO, loss or DNS answers of a run that did not come so far", () => {
    const early = facts({ traffic: null, pinned: {}, ledger: [], servers: [] });
    expect(buildReport(early)).toMatchObject({ rtoSeconds: null, lossSeconds: null, points: [], servers: [] });
    expect(buildReport(early).dns[0]?.after).toEqual([]);
    const waiting = buildReport(facts({ traffic: { servedAt: null, answers: [] } }));
    expect(waiting.rtoSeconds).toBeNull();
  });
  it("buildReport tells the records that were changed, and what aliases and launched addresses stand for", () => {
    const record = aPlan().traffic!.records[0]!;
    const records = [
      { ...record, primary: { alias: { zone: "Z1", name: "old.elb.amazonaws.com" } } },
      { ...record, name: "api.example.com", primary: { launched: "web" } },
      { ...record, name: "old.example.com" },
    ];
    const plan = aPlan({ traffic: { ...aPlan().traffic!, records } });
    const changes = [{ name: "old.example.com", type: "A", before: ["192.0.2.99"], after: ["198.51.100.9"] }];
    expect(buildReport(facts({ plan, changes, traffic: null })).dns).toEqual([
      { name: "shop.example.com", type: "A", before: ["alias old.elb.amazonaws.com"], after: [] },
      { name: "api.example.com", type: "A", before: ["launched web"], after: [] },
      { name: "old.example.com", type: "A", before: ["192.0.2.99"], after: ["198.51.100.9"] },
    ]);
    expect(buildReport(facts({ plan: aPlan({ traffic: null }) })).dns).toEqual([]);
  });
  it("buildReport tells what a wave decided, which is not a step of the whole run", () => {
    const judged = entry("JudgeWave", "12:03", {
      subject: "wave 0",
      outcome: "EnoughServers",
      detail: { because: "2 of 2" },
    });
    expect(buildReport(facts({ ledger: [judged] })).decisions[1]).toMatchObject({
      action: "JudgeWave",
      because: "2 of 2",
    });
  });
  it("buildReport warns of volumes that have not got their own tags, a sentence for each cause", () => {
    const untagged = (subject: string, because: string) =>
      entry("Attach", "12:02", { subject, outcome: "Attached", detail: { untagged: because } });
    const ledger = [untagged("i-0a", "no"), untagged("i-0b", "late"), untagged("i-0c", "no")];
    expect(buildReport(facts({ warnings: [], ledger })).warnings).toEqual([
      "i-0a, i-0c: could not add the tags that only some of their volumes have: no",
      "i-0b: could not add the tags that only some of their volumes have: late",
    ]);
  });
  it("buildReport is partial when a step names what it left behind, failed or refused by the error", () => {
    const judged = entry("JudgeWave", "12:03", { detail: { failed: [{ server: "web-2" }] } });
    expect(buildReport(facts({ ledger: [judged] })).outcome).toBe("partial");
    const error = { name: "RefusedError", message: "no point", hint: "Run replicate." };
    expect(buildReport(facts({ ledger: [judged], error }))).toMatchObject({ outcome: "refused", error });
  });
  it("buildReport has neither RTO nor loss for a replication pass, and its RPO as of now", () => {
    const pass = aRun({ machine: "replicate" });
    expect(buildReport(facts({ run: pass, pinned: {}, traffic: null }))).toMatchObject({
      rtoSeconds: null,
      lossSeconds: null,
      rpoSeconds: 2_335,
    });
  });
  it("buildReport never has a negative figure", () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), fc.nat({ max: 100_000 }), (pointBefore, servedAfter) => {
        const from = Date.parse(incident.firstFailingAt);
        const pointAt = new Date(from - pointBefore * 1_000).toISOString();
        const servedAt = new Date(from + servedAfter * 1_000).toISOString();
        const told = buildReport(facts({ points: [aPoint({ pointAt })], traffic: { servedAt, answers: [] } }));
        expect([told.rtoSeconds, told.rpoSeconds, told.lossSeconds]).toEqual([servedAfter, pointBefore, pointBefore]);
      }),
    );
  });
});

describe("reportText", () => {
  it("reportText says right after the error what is still stopped, and what to do", () => {
    const failed = facts({
      run: aRun({ unfenceOnFailure: true }),
      row: aRow(),
      error: { name: "RefusedError", message: "no", hint: "" },
      fence: { at: time("12:04"), sourceAnswered: true, stopped: ["i-1", "i-2"] },
      unfence: { started: ["i-1"], left: [], because: "1 of 2 stopped servers are running again" },
    });
    expect(reportText(buildReport(failed))).toContain(`RefusedError: no

## Still stopped in eu-west-1

1 of 2 stopped servers are running again

Next: To serve from eu-west-1 again: start the servers: aws ec2 start-instances --region eu-west-1 --instance-ids i-2

## Objectives`);
    const undone = { ...failed, unfence: { ...failed.unfence!, started: ["i-1", "i-2"] } };
    expect(reportText(buildReport(undone))).toContain("## Started again in eu-west-1\n\n1 of 2");
  });
  it("reportText reads from what happened to the evidence", () => {
    expect(reportText(buildReport(facts()))).toBe(`# shop: failover succeeded

- Run: run-1 (arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1)
- From eu-west-1 to eu-central-1; active Region at the end: eu-central-1
- 2026-03-02T12:00:00.000Z to 2026-03-02T12:09:00.000Z, started by detect
- Incident 20260302T1157Z, first failing evidence 2026-03-02T11:57:00.000Z

## Objectives

|  | achieved | objective |  |
| --- | --- | --- | --- |
| RTO | 660 s | 900 s | met |
| RPO | 1615 s | 3600 s | met |
| Loss | 1615 s | 3600 s | met |

## Decisions

- 2026-03-02T12:00:00.000Z act · RegionUnhealthy · 2 of 2 witnesses are unhealthy
- 2026-03-02T12:04:30.000Z Fence · SourceSilent · eu-west-1 is unreachable

## Servers

| resource | server | point | instance | slot | address | served at |
| --- | --- | --- | --- | --- | --- | --- |
| web | web-1 (i-0a) | web.20260302T113000Z | i-new | m5.large/subnet-a | 10.0.0.10 | 2026-03-02T12:03:00.000Z |

## DNS

| record | before | after |
| --- | --- | --- |
| shop.example.com A | 192.0.2.10 | 198.51.100.10 |

## Steps

| state | of | started | seconds | outcome |
| --- | --- | --- | --- | --- |
| Launch | i-0a | 2026-03-02T12:01:00.000Z | 30 | Done |
| Verify | i-0a | 2026-03-02T12:02:00.000Z | 30 | Served |
| Fence |  | 2026-03-02T12:04:00.000Z | 30 | SourceSilent |

## Warnings

- web-1: the instance store is lost
`);
  });
  it("reportText says what failed and what to do next, what is unknown, and what was missed", () => {
    const text = reportText(
      buildReport(
        facts({
          run: aRun({ request: { ...aRun().request, reason: "it burns", force: true } }),
          row: null,
          error: { name: "ResourceFailedError", message: "web: 0 recovered", hint: "Look at the console." },
          plan: aPlan({ objectives: { rpoSeconds: 60, rtoSeconds: 60 } }),
          traffic: null,
          ledger: [],
          servers: [{ resource: "web|x", server: "i-0a", point: "p", name: "i-0a" }],
          warnings: [],
        }),
      ),
    );
    for (const part of [
      "# shop: failover failed",
      "active Region at the end: unknown",
      "started by person: it burns",
      "- Started with force",
      "## Error\n\nResourceFailedError: web: 0 recovered\n\nNext: Look at the console.",
      "| RTO | unknown | 60 s |  |",
      "| RPO | 1795 s | 60 s | missed |",
      "| web\\|x | i-0a | p | none | none | none | never |",
      "not verified",
    ])
      expect(text).toContain(part);
    expect(text).not.toContain("## Warnings");
  });
  it("reportText has only the RPO for a replication pass", () => {
    const text = reportText(
      buildReport(facts({ run: aRun({ machine: "replicate" }), error: { name: "E", message: "m", hint: "" } })),
    );
    expect(text).toContain("| RPO |");
    expect(text).not.toContain("| RTO |");
    expect(text).toContain("E: m\n\n## Objectives");
  });
});
