import { describe, expect, it } from "vitest";
import type { Plan, Traffic, TrafficRecord, Witness } from "../../functions/core/model/plan.ts";
import type { DnsAnswer, HttpAnswer } from "../../functions/runtime/context.ts";
import { verifyTraffic } from "../../functions/verify-traffic.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const run = aRun();
const now = "2026-03-02T12:00:00.000Z";
const input = { run, reroute: { value: { at: now, changes: [], changeIds: {} } } };
const traffic = aPlan().traffic as Traffic;
const [record] = traffic.records as [TrafficRecord];
const url = "https://shop.example.com/healthz";

const said = (...values: string[]): DnsAnswer => ({ values });
const recovered = said("198.51.100.10");
const old = said("192.0.2.10");
const delegation: Record<string, DnsAnswer> = {
  "NS example.com": said("ns1.example.net", "ns2.example.net"),
  "A ns1.example.net": said("203.0.113.1"),
  "A ns2.example.net": said("203.0.113.2"),
};
const everywhere: Record<string, DnsAnswer> = { ...delegation, "A shop.example.com": recovered };
const served: Record<string, HttpAnswer> = { [`${url} 198.51.100.10`]: { status: 200, body: "ok" } };

const aScene = (dns: Record<string, DnsAnswer>, http = served, over: Partial<Plan> = {}) =>
  withTable(aContext({ dns, http }), { plan: aPlan(over), row: aRow() });

describe("verifyTraffic", () => {
  it("VerifyTraffic is done when every name server, both resolvers and the URL through the new answer are good", async () => {
    const context = await aScene(everywhere);

    const result = await verifyTraffic(input, context);

    expect(result).toEqual({
      done: true,
      polls: 1,
      waitSeconds: 5,
      servedAt: now,
      answers: ["203.0.113.1", "203.0.113.2", "1.1.1.1", "8.8.8.8"].map((server) => ({
        server,
        name: "shop.example.com",
        values: ["198.51.100.10"],
      })),
      because: `all 2 answers of the zone agree; 3 good answers in a row from ${url}`,
      since: now,
      asked: null,
      privately: null,
      seen: {},
    });
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ state: "VerifyTraffic", outcome: "Served" }]);
  });

  it.each<[string, Record<string, DnsAnswer>, Record<string, HttpAnswer>, string]>([
    [
      "one name server is behind",
      { ...everywhere, "A shop.example.com 203.0.113.2": old },
      served,
      "203.0.113.2 answers",
    ],
    ["a resolver has the old answer", { ...everywhere, "A shop.example.com 8.8.8.8": old }, served, "8.8.8.8 answers"],
    ["the zone has no delegation", { "A shop.example.com": recovered }, served, "no name server found for"],
    ["the URL does not answer", everywhere, {}, `${url} at 198.51.100.10: no answer (ETIMEDOUT)`],
    [
      "the URL answers 503",
      everywhere,
      { [`${url} 198.51.100.10`]: { status: 503, body: "" } },
      `${url} at 198.51.100.10: HTTP 503`,
    ],
  ])("VerifyTraffic waits when %s", async (_, dns, http, because) => {
    const context = await aScene(dns, http);

    const result = await verifyTraffic(
      { ...input, traffic: { value: { polls: 4, since: now, asked: null } } },
      context,
    );

    expect(result).toMatchObject({ done: false, polls: 5, servedAt: null });
    expect(result.because).toContain(because);
    expect(await context.store.ledger("shop", run.name)).toEqual([]);
  });

  it("VerifyTraffic notes that the public resolvers cannot be reached, and is done without them", async () => {
    const silent: DnsAnswer = { error: "ETIMEOUT" };
    const dns = { ...everywhere, "A shop.example.com 1.1.1.1": silent, "A shop.example.com 8.8.8.8": silent };

    const result = await verifyTraffic(input, await aScene(dns));

    expect(result.done).toBe(true);
    expect(result.because).toContain("public resolver 1.1.1.1 is unreachable; public resolver 8.8.8.8 is");
  });

  it("VerifyTraffic resolves a load balancer's name to know the addresses that a record may answer", async () => {
    const alias = { alias: { zone: "ZELB", name: "lb.example.net" } };
    const plan = { traffic: { ...traffic, records: [{ ...record, recovery: alias }] } };

    const good = await verifyTraffic(
      input,
      await aScene({ ...everywhere, "A lb.example.net": recovered }, served, plan),
    );
    const other = await verifyTraffic(
      input,
      await aScene({ ...everywhere, "A lb.example.net": said("198.51.100.99") }, served, plan),
    );

    expect([good.done, other.done]).toEqual([true, false]);
  });

  it("VerifyTraffic knows a load balancer of more addresses than one answer holds by those that any look has seen", async () => {
    const plan = {
      traffic: { ...traffic, records: [{ ...record, recovery: { alias: { zone: "ZELB", name: "lb.example.net" } } }] },
    };
    const dns = {
      ...everywhere,
      "A lb.example.net": said("198.51.100.30"),
      "A shop.example.com": said("198.51.100.10", "198.51.100.20"),
    };
    const http = { ...served, [`${url} 198.51.100.20`]: { status: 200, body: "ok" } };
    const look = async (seen: Record<string, string[]>, dnsOfNow: Record<string, DnsAnswer> = dns) =>
      verifyTraffic(
        { ...input, traffic: { value: { polls: 1, since: now, asked: null, seen } } },
        await aScene(dnsOfNow, http, plan),
      );

    const first = await look({});
    const second = await look(first.seen, { ...dns, "A lb.example.net": said("198.51.100.20") });

    expect([first.done, first.seen]).toEqual([false, { "lb.example.net": ["198.51.100.30"] }]);
    expect([second.done, second.seen]).toEqual([
      true,
      { "lb.example.net": ["198.51.100.10", "198.51.100.20", "198.51.100.30"] },
    ]);
  });

  it("VerifyTraffic expects what Reroute wrote for launched servers", async () => {
    const launched = { ...record, policy: "simple" as const, recovery: { launched: "web" } };
    const plan: Partial<Plan> = { traffic: { ...traffic, switch: "records", records: [launched] } };
    const { zone, name } = record;
    const changes = [{ zone, name, type: "A", set: null, before: [], after: ["198.51.100.10"] }];
    const rerouted = (changes: object[]) => ({ value: { at: now, changes, changeIds: {} } }) as typeof input.reroute;

    expect(
      (await verifyTraffic({ run, reroute: rerouted(changes) }, await aScene(everywhere, served, plan))).done,
    ).toBe(true);
    expect(
      (
        await verifyTraffic(
          { run, reroute: rerouted([{ ...changes[0]!, after: ["203.0.113.9"] }]) },
          await aScene(everywhere, served, plan),
        )
      ).done,
    ).toBe(false);
  });

  it("VerifyTraffic reads from the ledger what Reroute wrote, and how, where it was too long for the payload", async () => {
    const launched = { ...record, policy: "simple" as const, recovery: { launched: "web" } };
    const plan: Partial<Plan> = { traffic: { ...traffic, switch: "records", records: [launched] } };
    const { zone, name } = record;
    for (const [address, done] of [
      ["198.51.100.10", true],
      ["203.0.113.9", false],
    ] as const) {
      const context = await aScene(everywhere, served, plan);
      const changes = [{ zone, name, type: "A", set: null, before: [], after: [address] }];
      const step = { run: run.name, state: "Reroute", subject: "", startedAt: now, endedAt: now, outcome: "Moved" };
      await context.store.record("shop", { ...step, detail: { changes, changeIds: { [zone]: "C1" } } });
      expect(await verifyTraffic({ run, reroute: { value: { at: now } } }, context)).toMatchObject({ done });
    }
  });

  it("VerifyTraffic asks no URL whose host no record switches", async () => {
    const witnesses: Witness[] = [
      {
        name: "other",
        kind: "probe",
        url: "https://other.example.com/",
        connect: null,
        side: "primary",
        expect: [],
        contains: null,
        from: null,
      },
      { name: "region", kind: "api", region: "eu-west-1" },
    ];

    const result = await verifyTraffic(
      input,
      await aScene(everywhere, {}, { detect: { ...aPlan().detect, witnesses } }),
    );

    expect(result).toMatchObject({ done: true, because: "all 2 answers of the zone agree" });
  });

  it("VerifyTraffic takes the time of the first good answer of the URL that served last", async () => {
    let seconds = 0;
    const context = await aScene(everywhere);
    const net = {
      ...context.net,
      http: async () => {
        seconds += 1;
        return { status: 200, body: "" };
      },
    };
    const clock = () => new Date(Date.parse(now) + seconds * 1_000);

    expect((await verifyTraffic(input, { ...context, net, now: clock })).servedAt).toBe("2026-03-02T12:00:01.000Z");
  });

  it("VerifyTraffic expects the primary's values when the primary Region is the target", async () => {
    const back = aRun({ source: "eu-central-1", target: "eu-west-1" });
    const http = { [`${url} 192.0.2.10`]: { status: 200, body: "" } };
    const context = await aScene({ ...delegation, "A shop.example.com": old }, http);

    expect((await verifyTraffic({ ...input, run: back }, context)).done).toBe(true);
  });

  it.each([null, { ...traffic, records: [] }])(
    "VerifyTraffic is done at once when the plan moves no traffic",
    async (none) => {
      const result = await verifyTraffic(input, await aScene({}, {}, { traffic: none }));

      expect(result).toMatchObject({ done: true, servedAt: now, answers: [], because: "the plan moves no traffic" });
    },
  );

  it("VerifyTraffic connects to IPv4 where a name has both: a Lambda has no way to IPv6", async () => {
    const v6 = {
      ...record,
      type: "AAAA" as const,
      primary: { addresses: ["2001:db8::1"] },
      recovery: { addresses: ["2001:db8::2"] },
    };
    const dns = { ...everywhere, "AAAA shop.example.com": said("2001:db8::2") };
    const both = await aScene(dns, served, { traffic: { ...traffic, records: [v6, record] } });
    expect((await verifyTraffic(input, both)).done).toBe(true);

    const http = { [`${url} 2001:db8::2`]: { status: 200, body: "" } };
    const only = await aScene(dns, http, { traffic: { ...traffic, records: [v6] } });
    expect((await verifyTraffic(input, only)).done).toBe(true);
  });

  it("VerifyTraffic accepts another place's answer for a geolocation record, and connects to the plan's own", async () => {
    const records = [{ ...record, policy: "geolocation" as const }];
    const dns = { ...everywhere, "A shop.example.com 203.0.113.1": said("203.0.113.77") };
    const context = await aScene(dns, served, { traffic: { ...traffic, records } });
    expect((await verifyTraffic(input, context)).done).toBe(true);
  });

  it("VerifyTraffic judges a probe as its witness does", async () => {
    const [canary] = aPlan().detect.witnesses as [Extract<Witness, { kind: "probe" }>];
    const witnesses = [{ ...canary, expect: [401] }];
    const http = { [`${url} 198.51.100.10`]: { status: 401, body: "" } };
    const context = await aScene(everywhere, http, { detect: { ...aPlan().detect, witnesses } });
    expect((await verifyTraffic(input, context)).done).toBe(true);
  });
});
