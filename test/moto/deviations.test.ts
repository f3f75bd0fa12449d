import { describe, expect, it } from "vitest";
import { listImages, registerImage } from "../../functions/aws/ec2/images.ts";
import { describeInstances } from "../../functions/aws/ec2/instances.ts";
import { createSnapshots, listSnapshots } from "../../functions/aws/ec2/snapshots.ts";
import { usedAddresses } from "../../functions/aws/ec2/subnets.ts";
import { volumesOf } from "../../functions/aws/ec2/volumes.ts";
import { healthCheck, isEndpointHealthy } from "../../functions/aws/health-checks.ts";
import { changeRecords, listRecords } from "../../functions/aws/route-53.ts";
import { sendShell, shellResult } from "../../functions/aws/ssm.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { copiesOf, launched, manifestOf } from "./copied.ts";
import { everyAws } from "./given.ts";
import { host, primary, recovery } from "./shop.ts";

/**
 * What moto does otherwise than AWS, where the contract had to give way. A case that fails here after a new pin of moto
 * belongs into the contract.
 */
const [[, onMoto]] = everyAws;
const tags = { [tagKeys.run]: "run-1" };
const nameOf = (error: Error) => error.name;

describe("moto", () => {
  it("drops the tags of RegisterImage, and registers a name twice", async () => {
    const { ids, found } = await onMoto(async (given) => {
      const manifest = await manifestOf(given, given.servers[0]!);
      const register = () => registerImage(given.clients, recovery, "lifeboat-1", manifest, tags);
      const ids = [await register(), await register()];
      return { ids, found: await listImages(given.clients, recovery, []) };
    });
    expect(found).toEqual(ids.map((id) => ({ id, name: "lifeboat-1", state: "available", tags: {} })));
  });

  it("takes the same ClientToken for another instance, and has no filter for it", async () => {
    const [instances, error] = await onMoto(async (given) => {
      const launch = async () => (await launched(given, tags, { ClientToken: "one" })).InstanceId;
      const ids = [await launch(), await launch()];
      const byToken = [{ Name: "client-token", Values: ["one"] }];
      return [
        new Set(ids).size,
        await describeInstances(given.clients, recovery, byToken, "once").catch(() => "refused"),
      ];
    });
    expect([instances, error]).toEqual([2, "refused"]);
  });

  it("has no name for an address in use", async () => {
    const [used, error] = await onMoto(async (given) => {
      const launch = () => launched(given, tags, { PrivateIpAddress: "10.0.0.10" });
      await launch();
      const used = await usedAddresses(given.clients, recovery, given.names.subnets);
      return [used, await launch().catch(nameOf)];
    });
    expect(used).toMatchObject([{ address: "10.0.0.10" }]);
    expect(error).not.toBe("InvalidIPAddress.InUse");
  });

  it("takes snapshots of data volumes that are left out", async () => {
    const sizes = await onMoto(async ({ clients, servers: [first = ""] }) => {
      const volumes = await volumesOf(clients, primary, [first]);
      const dataVolumes = volumes.flatMap(({ Size, VolumeId }) => (Size === 20 ? VolumeId! : []));
      const set = await createSnapshots(clients, primary, first, { bootVolume: false, dataVolumes }, tags);
      return set.map(({ sizeGiB }) => sizeGiB).sort();
    });
    expect(sizes).toEqual([20, 8]);
  });

  it("gives a copy the volume of its source, completes it at once, and believes in any key", async () => {
    const { copies, listed } = await onMoto(async (given) => {
      const copies = await copiesOf(given, given.servers[0]!, `arn:aws:kms:${recovery}:123456789012:key/none`);
      return { copies, listed: await listSnapshots(given.clients, recovery, []) };
    });
    const told = copies.map(({ volume }) => ({ volume, state: "completed", encrypted: true }));
    expect(listed.map(({ volume, state, encrypted }) => ({ volume, state, encrypted }))).toEqual(told);
  });

  it("swaps PRIMARY and SECONDARY by UPSERT, and forgets the alarm of a health check", async () => {
    const [swapped, check] = await onMoto(async ({ clients, names }) => {
      const before = await listRecords(clients, names.zone, [host], "standard");
      const turned = before.map((set) => ({ ...set, failover: set.failover === "PRIMARY" ? "SECONDARY" : "PRIMARY" }));
      await changeRecords(clients, names.zone, { upserts: turned as typeof before }, "swap");
      const after = await listRecords(clients, names.zone, [host], "standard");
      return [
        after.find(({ setIdentifier }) => setIdentifier === "primary")?.failover,
        await healthCheck(clients, names.healthCheck, "once"),
      ];
    });
    expect([swapped, check]).toMatchObject(["SECONDARY", { alarm: null, insufficientData: null }]);
  });

  it("sends commands to instances that are not there", async () => {
    const instance = "i-0123456789abcdef0";
    const [command, error] = await onMoto(async ({ clients }) => [
      await sendShell(clients, recovery, { instance, line: "true", comment: "" }),
      await shellResult(clients, recovery, "11111111-2222-3333-4444-555555555555", instance).catch(nameOf),
    ]);
    expect([command, error]).toEqual([expect.any(String), "InvalidCommandId"]);
  });

  it("calls every health check healthy, whatever it checks", async () => {
    const healthy = await onMoto(({ clients, names }) => isEndpointHealthy(clients, names.healthCheck));
    expect(healthy).toBe(true);
  });
});
