import { describe, expect, it } from "vitest";
import { describeElasticIps, tryAssociate } from "../../../functions/aws/ec2/addresses.ts";
import { listImages, tryRegisterImage } from "../../../functions/aws/ec2/images.ts";
import { describeInstancesById, tryStop } from "../../../functions/aws/ec2/instances.ts";
import { aclsOf, tryIsolationAcl } from "../../../functions/aws/ec2/network-acls.ts";
import { tryRegister } from "../../../functions/aws/elastic-load-balancing.ts";
import { tryReport } from "../../../functions/aws/reports.ts";
import { listRecords, tryChange } from "../../../functions/aws/route-53.ts";
import { tryShell } from "../../../functions/aws/ssm.ts";
import { tryPublish } from "../../../functions/aws/takeover.ts";
import { tagKeys } from "../../../functions/core/names.ts";
import { aManifest } from "../../support/builders.ts";
import { everyAws } from "../given.ts";
import { bucketName, host, primary, recovery } from "../shop.ts";

const application = "shop";
const untried = (key: string) => ({
  found: "unknown",
  because: `not tried for launched servers (${key}): a proof launches none`,
});
const allowed = expect.objectContaining({ found: "allowed", because: "" });

describe.each(everyAws)("a right that is tried on %s", (_, on) => {
  it("changes nothing of a server, nor of its network", async () => {
    const seen = await on(async ({ clients, servers: [server = ""] }) => {
      const look = async () => (await describeInstancesById(clients, primary, [server]))[0]!;
      const { VpcId = "", SubnetId = "" } = await look();
      const acls = () => aclsOf(clients, primary, application, [SubnetId]);
      const before = await acls();
      const tried = [
        await tryStop(clients, primary, server),
        await tryIsolationAcl(clients, primary, application, VpcId),
      ];
      return { tried, state: (await look()).State?.Name, before, after: await acls() };
    });
    expect(seen.tried).toEqual([allowed, allowed]);
    expect(seen.state).toBe("running");
    expect(seen.after).toEqual(seen.before);
  });

  it("changes no record", async () => {
    const seen = await on(async ({ clients, names }) => {
      const look = () => listRecords(clients, names.zone, [host, `_lifeboat-proof.${host}`], "standard");
      const before = await look();
      const tried = await tryChange(clients, names.zone, host);
      return { tried, before, after: await look() };
    });
    // Route 53 says InvalidChangeBatch, moto InvalidInput
    expect(seen.tried.because).toMatch(/^(InvalidInput: |$)/);
    expect(seen.tried.found).not.toBe("denied");
    expect(seen.after).toEqual(seen.before);
  });

  it("is a write that nothing looks at, where there is no other way", async () => {
    const tried = await on(async ({ clients }) => [
      await tryPublish(clients, recovery, application),
      await tryReport(clients, recovery, bucketName, application, []),
    ]);
    expect(tried).toEqual([allowed, allowed]);
  });

  it("gives no address away, and makes no image", async () => {
    const seen = await on(async (given) => {
      const { clients, names } = given;
      const ids = names.elasticIps.map(({ id }) => id);
      const manifest = aManifest({ image: null, volumes: [] });
      const tried = [
        ...(await tryAssociate(clients, recovery, ids[0]!)),
        await tryRegisterImage(clients, recovery, "lifeboat-proof", manifest, { [tagKeys.application]: application }),
      ];
      const images = await listImages(clients, recovery, [{ Name: "name", Values: ["lifeboat-proof"] }]);
      return { tried, images, addresses: await describeElasticIps(clients, recovery, ids) };
    });
    const { found, because } = seen.tried[1]!;
    expect({ found, because }).toEqual(untried("aws:ResourceTag/lifeboat:run"));
    expect([seen.tried[0], seen.tried[2]]).toEqual([allowed, allowed]);
    expect(seen.images).toEqual([]);
    expect(seen.addresses.map(({ instance }) => instance)).toEqual([null, null]);
  });

  it("registers no server that is not there, and sends it nothing", async () => {
    const tried = await on(async ({ clients, names }) => [
      await tryRegister(clients, recovery, names.targetGroup),
      ...(await tryShell(clients, recovery)),
    ]);
    expect(tried.slice(0, 2)).toEqual([allowed, allowed]);
    expect(tried[2]).toMatchObject(untried("ssm:resourceTag/lifeboat:run"));
  });
});
