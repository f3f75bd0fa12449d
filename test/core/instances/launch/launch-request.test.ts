import { describe, expect, test } from "vitest";
import { launchRequest, reactionTo, tagsOf } from "../../../../functions/core/instances/launch/launch-request.ts";
import { launchToken } from "../../../../functions/core/names.ts";
import { aManifest, aResource, aRun, aServer } from "../../../support/builders.ts";

const slot = {
  name: "m5.large/subnet-a",
  instanceType: "m5.large",
  subnet: "subnet-a",
  zone: "eu-central-1a",
  address: "10.0.0.10",
};
const wanted = (over: Partial<Parameters<typeof launchRequest>[0]> = {}) => ({
  run: aRun(),
  server: aServer(),
  resource: aResource(),
  manifest: aManifest(),
  slot,
  image: "ami-0a",
  userData: null,
  ...over,
});
const launchWith = (over: Partial<ReturnType<typeof aResource>["launch"]>) =>
  aResource({ launch: { ...aResource().launch, ...over } });

describe("tags that one volume has alone", () => {
  const [volume] = aManifest().volumes;
  const manifestOf = (...tags: Record<string, string>[]) =>
    aManifest({ volumes: tags.map((one, at) => ({ ...volume!, device: `/dev/sd${at}`, tags: one })) });
  const play = (manifest: ReturnType<typeof aManifest>, launch = {}) => {
    const { own, untagged } = tagsOf(aRun(), aServer(), launchWith(launch), manifest);
    return { own, untagged };
  };

  test("tags that one volume has alone are Attach's to give, names and what all have aside", () => {
    const manifest = manifestOf(
      { Name: "root", Owner: "ops" },
      { Name: "data", Owner: "ops", Backup: "daily", "lifeboat:run": "old" },
    );
    expect(play(manifest)).toEqual({ own: [{ device: "/dev/sd1", tags: { Backup: "daily" } }], untagged: [] });
  });

  test("yield to the plan's own, and are none of a single volume, which is launched with them", () => {
    expect(play(manifestOf({}, { Backup: "daily" }), { tags: { Backup: "none" } }).own).toEqual([]);
    expect(play(manifestOf({ Backup: "daily" })).own).toEqual([]);
  });

  test("tags that one volume has alone are left out, and told, where fifty are not enough", () => {
    const many = Object.fromEntries(Array.from({ length: 45 }, (_, at) => [`k${at}`, "v"]));
    expect(play(manifestOf({}, many))).toEqual({ own: [], untagged: ["/dev/sd1"] });
  });
});

describe("the request of a slot", () => {
  test("the request of a slot names everything that the manifest and the plan say", () => {
    expect(launchRequest(wanted())).toEqual({
      ClientToken: launchToken(aRun().id, "i-0a", "m5.large/subnet-a"),
      MinCount: 1,
      MaxCount: 1,
      ImageId: "ami-0a",
      InstanceType: "m5.large",
      SubnetId: "subnet-a",
      SecurityGroupIds: ["sg-1"],
      BlockDeviceMappings: [
        {
          DeviceName: "/dev/xvda",
          Ebs: {
            VolumeType: "gp3",
            DeleteOnTermination: true,
            SnapshotId: "snap-dst-a",
            Iops: 3000,
            Throughput: 125,
          },
        },
      ],
      MetadataOptions: {
        HttpTokens: "required",
        HttpEndpoint: "enabled",
        HttpPutResponseHopLimit: 1,
        InstanceMetadataTags: "disabled",
      },
      PrivateIpAddress: "10.0.0.10",
      EbsOptimized: true,
    });
  });

  test("empty volumes stand in place of excluded ones where the plan says so; only copies are loaded at a rate", () => {
    const [volume] = aManifest().volumes;
    const empty = { ...volume!, device: "/dev/sdf", snapshot: null, sizeGiB: 30 };
    const manifest = aManifest({
      excluded: { bootVolume: false, dataVolumes: ["vol-9"], devices: ["/dev/sdf"], volumes: [empty] },
    });
    const resource = aResource({
      exclude: { volumes: ["/dev/sdf"], replace: "empty" },
      launch: { ...aResource().launch, initializationRate: 200 },
    });
    expect(launchRequest(wanted({ resource, manifest })).BlockDeviceMappings).toMatchObject([
      { DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-dst-a", VolumeInitializationRate: 200 } },
      { DeviceName: "/dev/sdf", Ebs: { VolumeSize: 30 } },
    ]);
    const [, device] = launchRequest(wanted({ resource, manifest })).BlockDeviceMappings;
    expect(device!.Ebs).not.toHaveProperty("VolumeInitializationRate");
    expect(launchRequest(wanted({ manifest })).BlockDeviceMappings).toHaveLength(1);
  });

  test("the token is the same for the same run, server and slot, and no other", () => {
    const token = (over: Parameters<typeof wanted>[0]) => launchRequest(wanted(over)).ClientToken;
    expect(token({})).toBe(token({ image: "ami-0b" }));
    expect(token({ slot: { ...slot, name: "m6i.large/subnet-a" } })).not.toBe(token({}));
    expect(token({ run: aRun({ id: "arn:other" }) })).not.toBe(token({}));
    expect(token({ server: aServer({ server: "i-0b" }) })).not.toBe(token({}));
    expect(token({}).length).toBeLessThanOrEqual(64);
  });

  test.each([
    ["same, a name", "same", "web", { Name: "web" }],
    ["same, an ARN", "same", "arn:aws:iam::1:instance-profile/web", { Arn: "arn:aws:iam::1:instance-profile/web" }],
    ["same, none", "same", null, undefined],
    ["a name of the plan", "other", "web", { Name: "other" }],
    ["none", null, "web", undefined],
  ])("instance profile: %s", (_case, planned, source, expected) => {
    const resource = launchWith({ instanceProfile: planned });
    const request = launchRequest(wanted({ resource, manifest: aManifest({ instanceProfile: source }) }));
    expect(request.IamInstanceProfile).toEqual(expected);
  });

  test("another type, no address, user data and older metadata are said as they are", () => {
    const manifest = aManifest({ metadataTokens: "optional" });
    const request = launchRequest(
      wanted({ manifest, slot: { ...slot, instanceType: "m6i.large", address: null }, userData: "IyEvYmluL3No" }),
    );
    expect(request).toMatchObject({ MetadataOptions: { HttpTokens: "optional" }, UserData: "IyEvYmluL3No" });
    expect(request).not.toHaveProperty("PrivateIpAddress");
    expect(request).not.toHaveProperty("EbsOptimized");
    expect(request).not.toHaveProperty("KeyName");
  });
});

describe("tags of a launched server", () => {
  test("source tags without aws: ones, then the plan's, then ours", () => {
    const manifest = aManifest({
      tags: { Name: "web-1", Env: "prod", "aws:cloudformation:stack-name": "s", "lifeboat:run": "old" },
    });
    const resource = launchWith({ tags: { Env: "recovery" } });
    expect(tagsOf(aRun(), aServer(), resource, manifest)).toMatchObject({
      tags: {
        Name: "web-1",
        Env: "recovery",
        "lifeboat:application": "shop",
        "lifeboat:resource": "web",
        "lifeboat:server": "i-0a",
        "lifeboat:point": "web.20260302T113000Z",
        "lifeboat:run": "run-1",
      },
      dropped: [],
    });
  });

  test("volumes have what they had in common beside, the plan's and ours before it", () => {
    const [volume] = aManifest().volumes;
    const common = { Backup: "daily", Env: "old", Name: "web-1 disk", "lifeboat:server": "i-9" };
    const volumes = [
      { ...volume!, tags: { ...common, Own: "x" } },
      { ...volume!, tags: common },
    ];
    const resource = launchWith({ tags: { Env: "recovery" } });
    const found = tagsOf(aRun(), aServer(), resource, aManifest({ tags: { Name: "web-1" }, volumes }));
    expect(found.volume).toEqual({ ...found.tags, Backup: "daily", Name: "web-1 disk" });
    const many = Object.fromEntries(Array.from({ length: 46 }, (_, i) => [`tag-${i}`, "x"]));
    const full = tagsOf(aRun(), aServer(), resource, aManifest({ tags: {}, volumes: [{ ...volume!, tags: many }] }));
    expect(Object.keys(full.volume).length).toBeLessThanOrEqual(50);
  });

  test("a launched server with too many source tags loses the last ones, never Name", () => {
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`tag-${String(i).padStart(2, "0")}`, "x"]));
    const { tags, dropped } = tagsOf(aRun(), aServer(), aResource(), aManifest({ tags: { ...many, Name: "web-1" } }));
    expect(Object.keys(tags)).toHaveLength(50);
    expect(tags.Name).toBe("web-1");
    expect(dropped).toEqual(["tag-44", "tag-45", "tag-46", "tag-47", "tag-48"]);
  });
});

describe("what an error of RunInstances means", () => {
  test.each([
    ["InsufficientInstanceCapacity", "capacity"],
    ["Server.InsufficientInstanceCapacity", "capacity"],
    ["InsufficientFreeAddressesInSubnet", "capacity"],
    ["ReservationCapacityExceeded", "capacity"],
    ["VcpuLimitExceeded", "quota"],
    ["InstanceLimitExceeded", "quota"],
    ["MaxSpotInstanceCountExceeded", "quota"],
    ["MaxIOPSLimitExceeded", "quota"],
    ["VolumeLimitExceeded", "quota"],
    ["PendingVerification", "verification"],
    ["Unsupported", "unsuitable"],
    ["UnsupportedOperation", "unsuitable"],
    ["InvalidParameterCombination", "unsuitable"],
    ["InvalidParameterValue", "unsuitable"],
    ["OptInRequired", "unsuitable"],
    ["UnauthorizedOperation", "unsuitable"],
    ["SomethingThatAwsAddsLater", "unsuitable"],
    ["InvalidIPAddress.InUse", "address"],
    ["InvalidAMIID.NotFound", "image"],
    ["InvalidSnapshot.NotFound", "image"],
    ["IdempotentParameterMismatch", "launched"],
    ["RequestLimitExceeded", "passing"],
    ["Unavailable", "passing"],
  ])("%s: %s", (code, expected) => {
    expect(reactionTo(code)).toBe(expected);
  });
});
