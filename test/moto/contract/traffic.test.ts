import { CreateInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { alarmStates } from "../../../functions/aws/alarms.ts";
import { checksOfAlarm, healthCheck } from "../../../functions/aws/health-checks.ts";
import { hasInstanceProfile } from "../../../functions/aws/instance-profiles.ts";
import { saveObject } from "../../../functions/aws/reports.ts";
import { changeRecords, isInSync, listByZone, listRecords, vpcRegionsOf } from "../../../functions/aws/route-53.ts";
import { lambdaConcurrency, vcpusAllowed } from "../../../functions/aws/service-quotas.ts";
import { describeTopic, publish } from "../../../functions/aws/sns.ts";
import { putTakeover } from "../../../functions/aws/takeover.ts";
import type { TrafficRecord } from "../../../functions/core/model/plan.ts";
import { planRecordChanges, type RecordSet } from "../../../functions/core/traffic/record-changes.ts";
import { aRecordSet } from "../../support/builders.ts";
import { everyAws, type Given } from "../given.ts";
import { motoClients } from "../moto.ts";
import { alarmName, bucketName, host, primary, primaryAddress, recovery } from "../shop.ts";

const nameOf = (error: Error) => error.name;
const byId = (sets: RecordSet[]) => sets.toSorted((a, b) => (a.setIdentifier! < b.setIdentifier! ? -1 : 1));
const shopSets = ({ clients, names }: Given) => listRecords(clients, names.zone, [host], "standard");

const set = (over: Partial<RecordSet> = {}) => aRecordSet({ name: host, values: [], ...over });

describe.each(everyAws)("records on %s", (_, on) => {
  it("are a pair with its policy, its health check and its values", async () => {
    const { names, found } = await on(async (given) => ({ names: given.names, found: await shopSets(given) }));
    expect(found.sort((a) => (a.failover === "PRIMARY" ? -1 : 1))).toEqual([
      set({
        setIdentifier: "primary",
        failover: "PRIMARY",
        values: [primaryAddress],
        healthCheck: names.healthCheck,
      }),
      set({
        setIdentifier: "recovery",
        failover: "SECONDARY",
        values: names.elasticIps.map(({ address }) => address),
      }),
    ]);
  });

  it("are listed by name only, and by zone", async () => {
    const { names, found } = await on(async (given) => {
      const { clients, names, settle } = given;
      await settle();
      const others = ["a.example.com", "z.example.com"].map((name) => set({ name, values: ["192.0.2.1"] }));
      await changeRecords(clients, names.zone, { upserts: others }, "contract");
      const wanted = ["z.example.com", host, "none.example.com", host];
      const found = await listRecords(clients, names.zone, wanted, "optional");
      const byZone = await listByZone(clients, [{ zone: names.zone, name: "a.example.com" }], "once");
      return {
        names,
        found: [found.map(({ name }) => name), Object.entries(byZone).map(([zone, sets]) => [zone, sets[0]?.name])],
      };
    });
    expect(found).toEqual([["z.example.com", host, host], [[names.zone, "a.example.com"]]]);
  });

  it("of a public zone are seen by no VPC alone", async () => {
    expect(await on(({ clients, names }) => vpcRegionsOf(clients, names.zone))).toEqual([]);
  });

  it("change by one batch; the others stay as they are", async () => {
    const { before, after } = await on(async (given) => {
      const { clients, names, settle } = given;
      const before = await shopSets(given);
      await settle();
      const changed = before
        .filter(({ failover }) => failover === "PRIMARY")
        .map((one) => ({ ...one, values: ["198.51.100.77"] }));
      const plain = set({ name: "api.example.com", ttlSeconds: 60, values: ["192.0.2.1", "192.0.2.2"] });
      await changeRecords(clients, names.zone, { upserts: [...changed, plain] }, "contract");
      return { before, after: await listRecords(clients, names.zone, [host, "api.example.com"], "standard") };
    });
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining(before.filter(({ failover }) => failover === "SECONDARY")));
    expect(after.find(({ failover }) => failover === "PRIMARY")?.values).toEqual(["198.51.100.77"]);
    expect(after.find(({ name }) => name === "api.example.com")).toMatchObject({
      ttlSeconds: 60,
      values: ["192.0.2.1", "192.0.2.2"],
      setIdentifier: null,
    });
  });

  it("may be aliases of other records", async () => {
    const { alias, zone } = await on(async (given) => {
      const { clients, names, settle } = given;
      await settle();
      const plain = set({ name: "api.example.com", values: ["192.0.2.1"] });
      await changeRecords(clients, names.zone, { upserts: [plain] }, "contract");
      await settle();
      const target = { zone: names.zone, name: "api.example.com", evaluateTargetHealth: false };
      const www = set({ name: "www.example.com", alias: target });
      await changeRecords(clients, names.zone, { upserts: [www] }, "contract");
      const [alias] = await listRecords(clients, names.zone, ["www.example.com"], "standard");
      return { alias, zone: names.zone };
    });
    const target = { zone, name: "api.example.com", evaluateTargetHealth: false };
    expect(alias).toEqual(set({ name: "www.example.com", ttlSeconds: null, alias: target }));
  });

  it.each<[string, [Partial<RecordSet>, Partial<RecordSet>]]>([
    ["weighted", [{ weight: 100 }, { weight: 0 }]],
    ["latency", [{ region: primary }, { region: recovery }]],
    ["geolocation", [{ geoLocation: { CountryCode: "*" } }, { geoLocation: { CountryCode: "DE" } }]],
    ["multivalue", [{ multivalue: true }, { multivalue: true }]],
  ])("of the policy %s are kept whole, and switch by one batch, there and back", async (policy, [one, other]) => {
    const name = "policy.example.com";
    const sets = [
      set({ name, setIdentifier: "policy-primary", values: ["192.0.2.10"], ...one }),
      set({ name, setIdentifier: "policy-recovery", values: ["198.51.100.10"], ...other }),
    ];
    const { before, moved, back } = await on(async ({ clients, names, settle }) => {
      const record: TrafficRecord = {
        name,
        type: "A",
        policy: policy as "weighted",
        ttlSeconds: 30,
        zone: names.zone,
        private: false,
        primary: { addresses: ["192.0.2.10"] },
        recovery: { addresses: ["198.51.100.10"] },
        setIdentifiers: { primary: "policy-primary", recovery: "policy-recovery" },
        steps: [100],
        gateSeconds: 0,
        routingControls: null,
      };
      const read = async () => (await listByZone(clients, [record], "standard"))[names.zone]!;
      const change = async (upserts: RecordSet[]) => {
        await settle();
        await changeRecords(clients, names.zone, { upserts }, "contract");
      };
      const turn = async (side: "primary" | "recovery") => {
        const { changes } = planRecordChanges([record], side, { [names.zone]: await read() }, {});
        await change(changes.flatMap(({ after }) => after ?? []));
        return byId(await read());
      };
      await change(sets);
      return { before: byId(await read()), moved: await turn("recovery"), back: await turn("primary") };
    });
    expect(before).toEqual(sets);
    expect(back).toEqual(sets);
    const [first, second] = sets as [RecordSet, RecordSet];
    expect(moved).toEqual(
      policy === "weighted"
        ? [
            { ...first, weight: 0 },
            { ...second, weight: 100 },
          ]
        : [{ ...first, values: ["198.51.100.10"] }, second],
    );
  });

  it("that are changed are in sync after a while", async () => {
    const inSync = await on(async ({ clients, names, settle }) => {
      await settle();
      const plain = set({ name: "sync.example.com", values: ["192.0.2.1"] });
      const id = await changeRecords(clients, names.zone, { upserts: [plain] }, "contract");
      await settle();
      return isInSync(clients, id);
    });
    expect(inSync).toBe(true);
  });

  it("of a zone that is not there are an error", async () => {
    const name = await on(({ clients }) => listRecords(clients, "Z00000000NONE", [host], "standard").catch(nameOf));
    expect(name).toBe("NoSuchHostedZone");
  });
});

describe.each(everyAws)("a health check on %s", (aws, on) => {
  it("is told by its id, null when there is none (moto drops the alarm)", async () => {
    const { id, found } = await on(async ({ clients, names: { healthCheck: id } }) => ({
      id,
      found: [
        await healthCheck(clients, id, "standard"),
        await healthCheck(clients, `${id.slice(0, -4)}0000`, "optional"),
      ],
    }));
    expect(found).toMatchObject([{ id, type: "CLOUDWATCH_METRIC", inverted: false, disabled: false }, null]);
  });

  it("is found by the alarm that it follows, which moto drops", async () => {
    const [own, others] = await on(async ({ clients }) => [
      await checksOfAlarm(clients, { name: "lifeboat-takeover-shop", region: recovery }),
      await checksOfAlarm(clients, { name: "lifeboat-takeover-other", region: recovery }),
    ]);
    expect(own!.length).toBe(aws === "moto" ? 0 : 1);
    expect(others).toEqual([]);
  });
});

describe("IAM on moto", () => {
  it("knows whether an instance profile is there", async () => {
    const clients = motoClients();
    await clients(IAMClient, "us-east-1").send(new CreateInstanceProfileCommand({ InstanceProfileName: "web" }));
    expect([await hasInstanceProfile(clients, "web"), await hasInstanceProfile(clients, "none")]).toEqual([
      true,
      false,
    ]);
  });
});

describe.each(everyAws)("CloudWatch on %s", (_, on) => {
  it("tells the states of the alarms that there are", async () => {
    const states = await on(async ({ clients, settle }) => {
      await settle();
      return alarmStates(clients, primary, [alarmName, "none"]);
    });
    expect(states).toEqual({ [alarmName]: { state: "OK", reason: expect.any(String) } });
  });

  it("takes the takeover switch, again too", async () => {
    await on(async ({ clients }) => {
      await putTakeover(clients, recovery, "shop", 0);
      await putTakeover(clients, recovery, "shop", 1);
      await putTakeover(clients, recovery, "shop", 1);
    });
  });
});

describe.each(everyAws)("what a report is sent by on %s", (_, on) => {
  it("is an object that the next one of its name replaces", async () => {
    const [address, text, type] = await on(async ({ clients }) => {
      const object = { bucket: bucketName, key: "reports/shop/run 1.md", type: "text/markdown; charset=utf-8" };
      await saveObject(clients, recovery, { ...object, text: "first" });
      const address = await saveObject(clients, recovery, { ...object, text: "Größe: 1 → 2" });
      const { bucket: Bucket, key: Key } = object;
      const { Body, ContentType } = await clients(S3Client, recovery).send(new GetObjectCommand({ Bucket, Key }));
      return [address, await Body!.transformToString(), ContentType];
    });
    expect([address, text, type]).toEqual([
      ...[`s3://${bucketName}/reports/shop/run 1.md`, "Größe: 1 → 2", "text/markdown; charset=utf-8"],
    ]);
  });

  it("is a message to a topic, whose subject is cut and made plain", async () => {
    await on(async ({ clients, names }) => {
      expect(await describeTopic(clients, recovery, names.topic)).toEqual({ key: null });
      await publish(clients, recovery, names.topic, { subject: "Lifeboat: done", text: "Größe → 2" });
      await publish(clients, primary, names.topic, { subject: `Größe\n${"x".repeat(200)}`, text: "x".repeat(200_000) });
    });
  });
});

describe.each(everyAws)("a quota on %s", (_, on) => {
  it("is a number, or refused by name (moto knows no quotas of EC2 and Lambda)", async () => {
    const vcpus = await on(({ clients }) => vcpusAllowed(clients, recovery, "L-1216C47A").catch(nameOf));
    expect([640, "NoSuchResourceException"]).toContain(vcpus);
    const functions = await on(({ clients }) => lambdaConcurrency(clients, recovery).catch(nameOf));
    expect([1_000, "NoSuchResourceException"]).toContain(functions);
  });
});
