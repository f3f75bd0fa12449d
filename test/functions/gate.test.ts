import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import type { Plan, Traffic, TrafficRecord, Witness } from "../../functions/core/model/plan.ts";
import { gate } from "../../functions/gate.ts";
import { reroute } from "../../functions/reroute.ts";
import type { DnsAnswer, HttpAnswer } from "../../functions/runtime/context.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const route53 = mockClient(Route53Client);
const run = aRun();
const lease = { value: { generation: 1 } };
const fenced = (over = {}) => ({ value: { fenced: true, stopped: [] as string[], sourceAnswered: true, ...over } });
const [record] = aPlan().traffic!.records as [TrafficRecord];
const weighted: TrafficRecord = { ...record, policy: "weighted", steps: [10, 50, 100], gateSeconds: 120 };
const traffic = (over: Partial<TrafficRecord> = {}): Traffic => ({
  ...aPlan().traffic!,
  switch: "records",
  acceptControlPlane: true,
  records: [{ ...weighted, ...over }],
});
const url = "https://shop.example.com/healthz";
const good: HttpAnswer = { status: 200, body: "ok" };
const bad: HttpAnswer = { status: 503, body: "" };
const fine = { [`${url} 198.51.100.10`]: good, [`${url} 192.0.2.10`]: good };
const ill = { ...fine, [`${url} 198.51.100.10`]: bad };

const set = (id: string, value: string, Weight: number): ResourceRecordSet => ({
  Name: "shop.example.com.",
  Type: "A",
  SetIdentifier: id,
  Weight,
  TTL: 30,
  ResourceRecords: [{ Value: value }],
});
/** A zone of one weighted pair that does what it is told. */
let sets: ResourceRecordSet[] = [];
const weights = () => Object.fromEntries(sets.map(({ SetIdentifier, Weight }) => [SetIdentifier, Weight]));

beforeEach(() => {
  sets = [set("primary", "192.0.2.10", 100), set("recovery", "198.51.100.10", 0)];
  route53.reset();
  route53.on(ListResourceRecordSetsCommand).callsFake(() => ({ ResourceRecordSets: sets }));
  route53.on(ChangeResourceRecordSetsCommand).callsFake(({ ChangeBatch }) => {
    for (const { ResourceRecordSet: changed } of ChangeBatch.Changes)
      sets = sets.map((one) =>
        one.SetIdentifier === changed.SetIdentifier ? { ...changed, Name: `${changed.Name}.` } : one,
      );
    return { ChangeInfo: { Id: "/change/C1" } };
  });
});

type Options = {
  http?: Record<string, HttpAnswer>;
  dns?: Record<string, DnsAnswer>;
  plan?: Partial<Plan>;
  run?: typeof run;
};
/** The step of the weights as it was taken, then looks at it `everySeconds`. */
const aScene = async ({ http = fine, dns = {}, plan = {}, run: own = run }: Options = {}) => {
  const world = { http };
  const given = await withTable(aContext({ dns }), {
    plan: aPlan({ traffic: traffic(), ...plan }),
    row: aRow({
      phase: "running",
      run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
    }),
  });
  let seconds = 0;
  const context = {
    ...given,
    now: () => new Date(Date.parse("2026-03-02T12:00:00.000Z") + seconds * 1_000),
    net: {
      ...given.net,
      http: async ({ url: asked, connect }: { url: string; connect: string | null }) =>
        world.http[`${asked} ${connect}`] ?? { error: "ETIMEDOUT" },
    },
  };
  const first = await reroute({ run: own, lease, fence: fenced() }, context);
  let input: Parameters<typeof gate>[0] = { run: own, lease, fence: fenced(), reroute: { value: first } };
  const look = async (over: Partial<typeof input> = {}) => {
    seconds += 12;
    const result = await gate({ ...input, ...over }, context);
    input = { ...input, gate: { value: result } };
    return result;
  };
  const moveOn = async () => {
    const value = await reroute({ ...input, fence: fenced(), gate: { value: input.gate!.value as never } }, context);
    input = { ...input, reroute: { value } };
    return value;
  };
  return { context, world, first, look, moveOn };
};

describe("a gate", () => {
  it("a gate watches for its time, then goes on to the next step, and to the last without a gate", async () => {
    const { look, moveOn, first } = await aScene();
    expect([first.waitSeconds, first.gateSeconds, weights()]).toEqual([12, 120, { primary: 90, recovery: 10 }]);
    for (let nth = 1; nth < 10; nth++) expect(await look()).toMatchObject({ watch: true, again: false, looks: nth });
    expect(await look()).toMatchObject({ watch: false, again: true, step: 1, total: 10 });

    expect(await moveOn()).toMatchObject({ step: 1, waitSeconds: 12 });
    expect(weights()).toEqual({ primary: 50, recovery: 50 });
    expect(await look()).toMatchObject({ looks: 1, total: 11 });
    for (let nth = 1; nth < 10; nth++) await look();

    const last = await moveOn();
    expect(last).toMatchObject({ step: 2, waitSeconds: 0, gateSeconds: 0 });
    expect(last.changes).toMatchObject([
      { set: "primary", before: ["192.0.2.10"], weight: 0 },
      { set: "recovery", before: ["198.51.100.10"], after: ["198.51.100.10"], weight: 100 },
    ]);
  });

  it("a gate accepts one bad poll; after two it restores weights and state record, and the run ends", async () => {
    const { context, world, look } = await aScene();
    world.http = ill;
    expect(await look()).toMatchObject({ watch: true, bad: 1 });
    world.http = fine;
    expect(await look()).toMatchObject({ watch: true, bad: 0 });
    world.http = ill;
    await look();

    await expect(look()).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: `the canary failed in eu-central-1 at 10 % of the traffic: 2 consecutive failures: ${url} at 198.51.100.10: HTTP 503; rolled back to eu-west-1`,
    });
    expect(weights()).toEqual({ primary: 100, recovery: 0 });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
    const ledger = await context.store.ledger("shop", run.name);
    expect(ledger.find(({ state }) => state === "Gate")).toMatchObject({ subject: "10 %", outcome: "Back" });
  });

  it("a gate that died on the way back goes all the way back, whatever the new side says by then", async () => {
    const { context, world, look } = await aScene({ http: ill });
    await look();
    route53.on(ChangeResourceRecordSetsCommand).rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    await expect(look()).rejects.toMatchObject({ name: "AccessDenied" });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1" });
    world.http = fine;

    route53.on(ChangeResourceRecordSetsCommand).callsFake(({ ChangeBatch }) => {
      sets = ChangeBatch.Changes.map(({ ResourceRecordSet: one }: { ResourceRecordSet: ResourceRecordSet }) => one);
      return {};
    });
    await expect(look()).rejects.toMatchObject({ name: "ResourceFailedError" });
    expect(weights()).toEqual({ primary: 100, recovery: 0 });
  });

  it.each<[string, object, boolean, string]>([
    ["was stopped for good", { stopped: ["i-1"] }, false, "its servers stay fenced"],
    ["was isolated for good", { isolated: [{ subnet: "s" }] }, false, "its servers stay fenced"],
    ["does not answer", { sourceAnswered: false }, true, "the source is unreachable"],
  ])("a gate moves everything on where the source %s: nobody is served there", async (_, fence, unfences, because) => {
    const own = aRun({ unfenceOnFailure: unfences });
    const { context, look, moveOn } = await aScene({ http: ill, run: own });
    const over = { fence: { value: { ...fenced().value, ...fence } } };
    await look(over);

    expect(await look(over)).toMatchObject({
      watch: false,
      again: true,
      step: 2,
      because: expect.stringContaining(because),
    });
    await moveOn();

    expect(weights()).toEqual({ primary: 0, recovery: 100 });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-central-1" });
    const ledger = await context.store.ledger("shop", run.name);
    expect(ledger.find(({ state }) => state === "Gate")).toMatchObject({ outcome: "NoWayBack" });
  });

  it("a gate goes back where the plan starts again what was stopped", async () => {
    const { look } = await aScene({ http: ill, run: aRun({ unfenceOnFailure: true }) });
    const over = { fence: fenced({ stopped: ["i-1"] }) };
    await look(over);
    await expect(look(over)).rejects.toThrow("rolled back to eu-west-1");
  });

  it("a gate asks the old side itself where the plan has no servers there", async () => {
    const warm = { protect: [], recover: { ...aPlan().recover, waves: [] } };
    const silent = { fence: fenced({ sourceAnswered: false }) };
    const served = await aScene({ http: ill, plan: warm });
    await served.look(silent);
    await expect(served.look(silent)).rejects.toThrow("rolled back");

    sets = [set("primary", "192.0.2.10", 100), set("recovery", "198.51.100.10", 0)];
    const neither = await aScene({ http: { [`${url} 198.51.100.10`]: bad }, plan: warm });
    await neither.look(silent);
    expect(await neither.look(silent)).toMatchObject({
      again: true,
      because: expect.stringContaining("the source fails too"),
    });
  });

  const without = (witness: Witness[]) => ({ detect: { ...aPlan().detect, witnesses: witness } });
  const delegation: Record<string, DnsAnswer> = {
    "NS example.com": { values: ["ns1.example.net"] },
    "A ns1.example.net": { values: ["203.0.113.1"] },
  };

  it("a gate without a probe URL counts the answers of DNS, and says so", async () => {
    const dns = { ...delegation, "A shop.example.com": { values: ["198.51.100.10"] } };
    const { look } = await aScene({ dns, plan: without([]) });
    expect((await look()).because).toBe(
      "1 of 1 DNS answers are on the recovery side; the plan has no probe for these records",
    );
    const silent = await aScene({ dns: delegation, plan: without([]) });
    expect(await silent.look()).toMatchObject({
      bad: 1,
      because: "203.0.113.1 does not answer for shop.example.com (ENOTFOUND)",
    });
    const lost = await aScene({ plan: without([]) });
    expect(await lost.look()).toMatchObject({ bad: 1, because: "no name server found for the records" });
  });

  it("a gate of a private zone says that it cannot be probed", async () => {
    const { look } = await aScene({ plan: { traffic: traffic({ private: true }) } });
    expect(await look()).toMatchObject({ bad: 0, because: "private zones only: not visible from outside" });
  });

  it("a gate opens connections for a tcp probe", async () => {
    const probe: Witness = {
      name: "port",
      kind: "probe",
      url: "tcp://shop.example.com:5432",
      connect: null,
      side: "primary",
      expect: [],
      contains: null,
      from: null,
    };
    const { context, look } = await aScene({ plan: without([probe]) });
    expect(await look()).toMatchObject({
      bad: 1,
      because: "tcp://shop.example.com:5432 at 198.51.100.10: ECONNREFUSED",
    });
    context.net.tcp = async () => ({ open: true });
    expect(await look()).toMatchObject({ bad: 0, because: "3 connections in a row to tcp://shop.example.com:5432" });
  });

  it("a gate has no address to ask of an alias that does not resolve", async () => {
    const recovery = { alias: { zone: "ZELB", name: "lb.example.net" } };
    const { look } = await aScene({ plan: { traffic: traffic({ recovery }) } });
    expect(await look()).toMatchObject({ bad: 1, because: `${url}: no address of the new side is known` });
  });

  it("a gate stops at a lease that has moved on", async () => {
    const { look } = await aScene();
    await expect(look({ lease: { value: { generation: 2 } } })).rejects.toMatchObject({ name: "StaleLeaseError" });
  });
});
