import { describe, expect, test } from "vitest";
import {
  hasFirstMetadata,
  judgeElasticIps,
  judgeImages,
  judgeKey,
  judgeLaunch,
  judgeLaunchedAddresses,
  judgeMetadata,
  judgeSnapshots,
  judgeSubnets,
  judgeTargetGroup,
} from "../../../../functions/core/instances/launch/conditions.ts";
import type { Placement } from "../../../../functions/core/instances/launch/placement.ts";
import { judgeQuota, quotasOf } from "../../../../functions/core/instances/launch/quota-rules.ts";
import type { Manifest } from "../../../../functions/core/model/recovery-point.ts";
import { aManifest, aPlan, aResource, aRun, aServer } from "../../../support/builders.ts";

const launchWith = (over: Partial<ReturnType<typeof aResource>["launch"]>) =>
  aResource({ launch: { ...aResource().launch, ...over } });
const aCandidate = (resource = aResource(), manifest = aManifest()) => ({ ref: aServer(), resource, manifest });

describe("an account that lets nothing start with IMDSv1", () => {
  const old = (launch: Partial<ReturnType<typeof aResource>["launch"]> = {}, over: Partial<Manifest> = {}) =>
    aCandidate(launchWith(launch), aManifest({ metadataTokens: "optional", ...over }));

  test.each([
    ["one that requires tokens", aCandidate(), false],
    ["one of the old days", old(), true],
    ["a plan that wants tokens", old({ metadata: { tokens: "required" } }), false],
    ["a plan that wants the old way", aCandidate(launchWith({ metadata: { tokens: "optional" } })), true],
    ["a metadata service that is off", old({ metadata: { endpoint: "disabled" } }), false],
  ])("concerns %s: %s", (_, candidate, does) => expect(hasFirstMetadata(candidate)).toBe(does));

  test("an account that enforces IMDSv2 gets a warning of a server that starts without it, and refused where the plan insists", () => {
    const because = "the account in eu-central-1 lets no instance start with IMDSv1";
    expect(judgeMetadata("eu-central-1", [old(), aCandidate()])).toEqual({
      problems: [],
      warnings: [`web-1: it comes up with IMDSv2 alone, as ${because}`],
    });
    expect(judgeMetadata("eu-central-1", [old({ metadata: { tokens: "optional" } })]).problems).toEqual([
      `web-1: ${because}, which launch.metadata.tokens asks for`,
    ]);
  });
});

test("of servers whose protections are not read yet one sentence speaks for all", () => {
  const { protections: _, ...settings } = aManifest().settings!;
  const unread = aCandidate(aResource(), aManifest({ settings }));
  expect(judgeLaunch(aRun(), [aCandidate(), unread, unread, unread]).warnings).toEqual([
    "web-1 and 2 more: whether EC2 refuses to stop or to end it, and whether its own shutdown ends it, is not known yet",
  ]);
});

describe("the vCPU quota", () => {
  const types = [
    { name: "m5.large", architectures: ["x86_64"], vcpus: 2 },
    { name: "c7i.xlarge", architectures: ["x86_64"], vcpus: 4 },
    { name: "g5.xlarge", architectures: ["x86_64"], vcpus: 4 },
    { name: "inf1.xlarge", architectures: ["x86_64"], vcpus: 4 },
  ];
  const placed = (resource: ReturnType<typeof aResource>, ...names: string[]) =>
    names.map((instanceType) => ({
      candidate: aCandidate(resource),
      slot: { name: "", instanceType, subnet: "", zone: "", address: null },
    }));
  const five = placed(launchWith({ minimumPercent: 80 }), "m5.large", "m5.large", "m5.large", "m5.large", "c7i.xlarge");

  test.each([
    ["enough for all", 20, ["m5.large"], { problems: [], warnings: [] }],
    [
      "enough for the minimum only: a warning",
      11,
      [],
      {
        problems: [],
        warnings: ["vCPU quota of standard instances: 12 needed, 11 left of 11: not every server will start"],
      },
    ],
    [
      "too few for the minimum: a problem",
      11,
      ["c7i.xlarge"],
      { problems: ["vCPU quota of standard instances: 8 needed, 7 left of 11"], warnings: [] },
    ],
    [
      "used up already",
      5,
      ["c7i.xlarge", "m5.large"],
      { problems: ["vCPU quota of standard instances: 8 needed, 0 left of 5"], warnings: [] },
    ],
    ["other families do not count", 12, ["g5.xlarge", "inf1.xlarge"], { problems: [], warnings: [] }],
  ])("%s", (_case, allowed, running, expected) => {
    const [quota] = quotasOf(five);
    expect(judgeQuota(five, { ...quota!, allowed, running, types })).toEqual(expected);
  });

  const graphics = (instanceTypes: string[], ...names: string[]) => placed(launchWith({ instanceTypes }), ...names);
  test.each([
    ["each group of types has its own", graphics(["g5.xlarge"], "g5.xlarge"), ["G and VT"]],
    ["two groups, two quotas", graphics([], "g5.xlarge", "m5.large", "vt1.large"), ["G and VT", "standard"]],
    ["a type on Dedicated Hosts has none", graphics([], "mac2.metal"), []],
  ])("%s", (_case, servers, names) => {
    expect(quotasOf(servers).map(({ name }) => name)).toEqual(names);
  });

  test("the vCPU quota of a new account is 0 for graphics: a problem, unless the plan has a type of another group", () => {
    const judged = (...types_: string[]) => {
      const servers = graphics(types_, "g5.xlarge");
      return judgeQuota(servers, { ...quotasOf(servers)[0]!, allowed: 0, running: [], types });
    };
    const sentence = "vCPU quota of G and VT instances: 4 needed, 0 left of 0";
    expect(judged("g5.xlarge")).toEqual({ problems: [sentence], warnings: [] });
    expect(judged("g5.xlarge", "m5.large")).toEqual({
      problems: [],
      warnings: [`${sentence}: not every server will start`],
    });
  });
});

test("a quota that is too small for what the plan would fall back on is told, though no server needs it at first", () => {
  const judged = (allowed: number) =>
    judgeQuota([], {
      code: "L-DB2E81BA",
      name: "G and VT",
      allowed,
      running: [],
      planned: ["m5.large", "g5.xlarge"],
      types: [{ name: "g5.xlarge", architectures: ["x86_64"], vcpus: 4 }],
    });
  expect(judged(3).warnings).toEqual([
    "vCPU quota of G and VT instances: 4 needed, 3 left of 3: the plan cannot fall back on them",
  ]);
  expect(judged(4)).toEqual({ problems: [], warnings: [] });
  expect(quotasOf([], ["m5.large", "g5.xlarge", "m6i.large"]).map(({ name }) => name)).toEqual([
    "standard",
    "G and VT",
  ]);
});

describe("Elastic IPs", () => {
  const resource = launchWith({ elasticIps: ["eipalloc-1", "eipalloc-2"] });
  const free = (id: string) => ({ id, instance: null, interface: null });
  const none = new Set<string>();

  test("Elastic IPs that are free pass; one more than the servers, which a new server would get, is told and refuses nothing", () => {
    expect(judgeElasticIps(resource, 1, [free("eipalloc-1")], none)).toEqual({
      problems: [],
      warnings: ["web: Elastic IP eipalloc-2 does not exist"],
    });
  });

  test("Elastic IPs that are unknown or in use are problems", () => {
    const existing = [{ ...free("eipalloc-2"), interface: "eni-7" }];
    expect(judgeElasticIps(resource, 2, existing, none).problems).toEqual([
      "web: Elastic IP eipalloc-1 does not exist",
      "web: Elastic IP eipalloc-2 is in use by eni-7",
    ]);
    const taken = [free("eipalloc-1"), { ...free("eipalloc-2"), instance: "i-7" }];
    expect(judgeElasticIps(resource, 2, taken, none).problems).toEqual(["web: Elastic IP eipalloc-2 is in use by i-7"]);
  });

  test("Elastic IPs that an instance of this application holds, which this run uses or removes, pass", () => {
    const existing = [free("eipalloc-1"), { ...free("eipalloc-2"), instance: "i-7", interface: "eni-7" }];
    expect(judgeElasticIps(resource, 2, existing, new Set(["i-7"])).problems).toEqual([]);
  });

  test("fewer than the servers are a warning", () => {
    const existing = [free("eipalloc-1"), free("eipalloc-2")];
    expect(judgeElasticIps(resource, 3, existing, none).warnings).toEqual(["web: 1 of 3 servers get no Elastic IP"]);
    expect(judgeElasticIps(aResource(), 3, [], none).warnings).toEqual([]);
  });
});

describe("subnets", () => {
  const subnet = (id: string, zone: string) => ({ id, zone, cidr: "10.0.0.0/24", freeAddresses: 9 });

  test("that are missing are problems, in another zone warnings", () => {
    const resource = launchWith({ overrides: { "web-9": { subnet: "subnet-c" } } });
    expect(judgeSubnets(resource, [subnet("subnet-a", "eu-central-1c")])).toEqual({
      problems: ["web: subnet subnet-b does not exist", "web: subnet subnet-c does not exist"],
      warnings: ["web: subnet subnet-a lies in eu-central-1c, not in eu-central-1a"],
    });
  });

  test("that are there pass", () => {
    const existing = [subnet("subnet-a", "eu-central-1a"), subnet("subnet-b", "eu-central-1b")];
    expect(judgeSubnets(aResource(), existing)).toEqual({ problems: [], warnings: [] });
  });
});

describe("copies", () => {
  test.each([
    ["completed", []],
    ["pending", ["web-1: snapshot snap-dst-a of /dev/xvda is pending"]],
    [null, ["web-1: snapshot snap-dst-a of /dev/xvda is missing"]],
  ])("that are %s", (state, problems) => {
    const states = new Map(state ? [["snap-dst-a", state]] : []);
    expect(judgeSnapshots([aCandidate()], states)).toEqual({ problems, warnings: [] });
  });

  test("that the point never had are not told twice", () => {
    const [volume] = aManifest().volumes;
    const manifest = aManifest({ volumes: [{ ...volume!, snapshot: null }] });
    expect(judgeSnapshots([aCandidate(aResource(), manifest)], new Map()).problems).toEqual([]);
  });
});

describe("the images with a licence", () => {
  const windows = aCandidate(
    aResource(),
    aManifest({ platform: "Windows", usageOperation: "RunInstances:0002", byImage: true, image: "ami-1" }),
  );
  const judge = (images: Record<string, { state: string; usageOperation: string }>, candidate = windows) =>
    judgeImages([candidate], new Map(Object.entries(images)));

  test("the images with a licence that are available and billed as their server pass", () => {
    const found = judge({ "ami-1": { state: "available", usageOperation: "RunInstances:0002" } });
    expect(found).toEqual({ problems: [], warnings: [] });
  });

  test("the images with a licence that are gone, or not available, are problems: nothing can replace them", () => {
    expect(judge({}).problems).toEqual(["web-1: image ami-1 is missing"]);
    const failed = { state: "failed", usageOperation: "RunInstances:0002" };
    expect(judge({ "ami-1": failed }).problems).toEqual(["web-1: image ami-1 is failed"]);
  });

  test("the images with a licence that are billed as something else are told", () => {
    expect(judge({ "ami-1": { state: "available", usageOperation: "RunInstances" } })).toEqual({
      problems: [],
      warnings: ["web-1: image ami-1 is billed as RunInstances, the server as RunInstances:0002"],
    });
  });

  test("the images with a licence are no matter of other servers", () => {
    expect(judge({}, aCandidate()).problems).toEqual([]);
  });
});

test("tags that do not fit are named", () => {
  const tags = Object.fromEntries(Array.from({ length: 47 }, (_, i) => [`t${String(i).padStart(2, "0")}`, "x"]));
  const candidates = [aCandidate(aResource(), aManifest({ tags }))];
  expect(judgeLaunch(aRun(), candidates).warnings).toEqual(["web-1: too many tags, left out: t45, t46"]);
  expect(judgeLaunch(aRun(), [aCandidate()]).warnings).toEqual([]);
});

test.each([
  [{ targetType: "instance" }, []],
  [null, ["web: target group arn:tg does not exist"]],
  [{ targetType: "ip" }, ["web: target group arn:tg takes targets of type ip, not instances"]],
])("a target group %j", (found, problems) => {
  expect(judgeTargetGroup("web", "arn:tg", found)).toEqual(problems);
});

test.each([
  [{ arn: "arn:key", state: "Enabled" }, []],
  [null, ["web: key alias/k does not exist in eu-central-1"]],
  [
    { arn: "arn:key", state: "PendingDeletion" },
    ["web: key alias/k is PendingDeletion, not Enabled: it will be deleted, and what it encrypts with it"],
  ],
])("a key %j", (found, problems) => {
  expect(judgeKey("web", "alias/k", "eu-central-1", found)).toEqual(problems);
});

test("names that no server of the point has are told, and devices that none has", () => {
  const resource = aResource({
    exclude: { volumes: ["/dev/sdf", "/dev/sdz"] },
    launch: { ...aResource().launch, overrides: { "web-9": {} } },
  });
  const manifest = aManifest({ excluded: { bootVolume: false, dataVolumes: ["vol-9"], devices: ["/dev/sdf"] } });
  expect(judgeLaunch(aRun(), [aCandidate(resource, manifest)]).warnings).toEqual([
    "web: launch.overrides names web-9, and no server is called so; did you mean web-1?",
    "web: exclude.volumes names /dev/sdz, and no server has such a device",
  ]);
});

test.each<[string, Partial<Manifest["settings"]>, Partial<Placement>, boolean]>([
  ["a source with IPv6 in a subnet with IPv6", { ipv6Addresses: ["2001:db8::1"] }, { ipv6: true }, true],
  ["a subnet without it", { ipv6Addresses: ["2001:db8::1"] }, {}, false],
  ["a source without it", {}, { ipv6: true }, false],
])("a record of IPv6 addresses to launched servers, %s", (_, settings, over, isFine) => {
  const { traffic } = aPlan();
  const record = { ...traffic!.records[0]!, type: "AAAA" as const, recovery: { launched: "web" } };
  const manifest = aManifest({ settings: { ...aManifest().settings!, ...settings } });
  const slot = { name: "", instanceType: "m5.large", subnet: "subnet-a", zone: "", address: null, ...over };
  const placed = [{ candidate: aCandidate(aResource(), manifest), slot }];
  const judge = (type: "A" | "AAAA") =>
    judgeLaunchedAddresses({ ...traffic!, records: [{ ...record, type }] }, placed).problems;
  const refusal =
    "shop.example.com AAAA: no server of web gets an IPv6 address: give its source one and the plan a subnet with IPv6";
  expect(judge("AAAA")).toEqual(isFine ? [] : [refusal]);
  expect(judge("A")).toEqual([]);
});
