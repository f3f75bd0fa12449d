import { describe, expect, test } from "vitest";
import {
  judgeManifest,
  judgePoint,
  placeServers,
} from "../../../../functions/core/instances/launch/preflight-rules.ts";
import type { Manifest } from "../../../../functions/core/model/recovery-point.ts";
import { aManifest, aPoint, aResource, aRun, aServer } from "../../../support/builders.ts";

describe("the pinned point", () => {
  const judge = (point: Parameters<typeof judgePoint>[2], manifests = [aManifest()]) =>
    judgePoint(aRun(), "web", point, manifests);

  test("complete, here and whole is no problem", () => expect(judge(aPoint())).toEqual([]));

  test.each([
    ["missing", null, [aManifest()], "web: no complete recovery point in eu-central-1"],
    [
      "open",
      aPoint({ state: "open" }),
      [aManifest()],
      "web: recovery point web.20260302T113000Z is open, not complete",
    ],
    [
      "elsewhere",
      aPoint({ target: "eu-west-3" }),
      [aManifest()],
      "web: recovery point web.20260302T113000Z lies in eu-west-3, not in eu-central-1",
    ],
    ["without manifest", aPoint(), [], "web: i-0a has no manifest in recovery point web.20260302T113000Z"],
    [
      "without a snapshot",
      aPoint(),
      [aManifest({ volumes: aManifest().volumes.map((volume) => ({ ...volume, snapshot: null })) })],
      "web-1: no snapshot of /dev/xvda in recovery point web.20260302T113000Z",
    ],
    [
      "without volumes",
      aPoint(),
      [aManifest({ volumes: [] })],
      "web-1: no snapshot of every volume in recovery point web.20260302T113000Z",
    ],
  ])("%s is a problem", (_case, point, manifests, sentence) => {
    expect(judge(point, manifests as Manifest[])).toEqual([sentence]);
  });
});

describe("what a manifest refuses and warns of", () => {
  const [volume] = aManifest().volumes;
  test.each<[string, Partial<Manifest>, "problems" | "warnings", string]>([
    [
      "an Auto Scaling member",
      { autoScalingGroup: "web-asg" },
      "warnings",
      "web-1: it is launched outside its Auto Scaling group web-asg: nothing replaces it",
    ],
    [
      "Windows without an image",
      { platform: "Windows", byImage: true, image: null },
      "problems",
      "web-1: recovery point web.20260302T113000Z has no image with the licence of its platform Windows",
    ],
    [
      "product codes with an image that was registered",
      { productCodes: ["abc"], image: "ami-1" },
      "problems",
      "web-1: recovery point web.20260302T113000Z has no image with the licence of its product codes (abc)",
    ],
    ["instance store", { instanceStoreVolumes: 2 }, "warnings", "web-1: 2 instance store volumes come up empty"],
    [
      "extra interfaces",
      { networkInterfaces: 3 },
      "warnings",
      "web-1: only the first of its 3 network interfaces is made",
    ],
    [
      "a volume over 16 TiB",
      { volumes: [{ ...volume!, sizeGiB: 20_000 }] },
      "warnings",
      "web-1: /dev/xvda has 20000 GiB, more than 16 TiB",
    ],
  ])("%s", (_case, over, kind, sentence) => {
    const found = judgeManifest(aManifest(over));
    expect({ problems: [], warnings: [], [kind]: [sentence] }).toEqual(found);
  });

  test.each<[string, Partial<Manifest>]>([
    ["an ordinary one", {}],
    ["an ordinary one that is not registered yet", { image: null }],
    ["Windows with its image", { platform: "Windows", byImage: true, image: "ami-1" }],
  ])("%s passes", (_case, over) => expect(judgeManifest(aManifest(over))).toEqual({ problems: [], warnings: [] }));
});

describe("a place for every server", () => {
  const subnets = [
    { id: "subnet-a", zone: "eu-central-1a", cidr: "10.0.0.0/24", freeAddresses: 2 },
    { id: "subnet-b", zone: "eu-central-1b", cidr: "10.0.1.0/24", freeAddresses: 2 },
  ];
  const types = [
    { name: "m5.large", architectures: ["x86_64"], vcpus: 2 },
    { name: "m6i.large", architectures: ["x86_64"], vcpus: 2 },
  ];
  const zones = ["eu-central-1a", "eu-central-1b"];
  const offered = new Set(zones.flatMap((zone) => types.map(({ name }) => `${name}/${zone}`)));
  const server = (number: number, over: Partial<Manifest> = {}) => {
    const names = { name: `web-${number}`, server: `i-0${number}` };
    const manifest = aManifest({ ...names, privateAddress: `10.0.0.${9 + number}`, ...over });
    return { ref: aServer({ ...names, index: number - 1 }), resource: aResource(), manifest };
  };
  const place = (servers: ReturnType<typeof server>[], over: Partial<Parameters<typeof placeServers>[2]> = {}) =>
    placeServers(servers, aRun(), { subnets, types, offered, used: [], ...over });
  const used = (address: string, instance: string | null = null) => [
    { subnet: "subnet-a", address, interface: "eni-1", instance },
  ];

  test("each gets its first slot", () => {
    const { placed, problems, warnings } = place([server(1), server(2)]);
    expect(placed.map(({ slot }) => `${slot.name} ${slot.address}`)).toEqual([
      "m5.large/subnet-a 10.0.0.10",
      "m5.large/subnet-a 10.0.0.11",
    ]);
    expect([...problems, ...warnings]).toEqual([]);
  });

  const ena = [
    { name: "m4.large", architectures: ["x86_64"], vcpus: 2, enaSupport: "unsupported", instanceStoreVolumes: 1 },
    { name: "m6i.large", architectures: ["x86_64"], vcpus: 2, enaSupport: "required" },
  ];
  const old = (over: Partial<Manifest>) => {
    const manifest = aManifest({ instanceType: "m4.large", privateAddress: "10.0.0.10", enaSupport: false, ...over });
    return { ...server(1), manifest };
  };
  const everywhere = (types: { name: string }[]) =>
    new Set(types.flatMap(({ name }) => subnets.map(({ zone }) => `${name}/${zone}`)));
  const placeOld = (over: Partial<Manifest> = {}, types = ena) =>
    place([old(over)], { types, offered: everywhere(types) });

  test("a type that cannot run its image is sorted out, with the reason", () => {
    const { placed, problems, warnings } = placeOld();
    expect(placed.map(({ slot }) => slot.name)).toEqual(["m4.large/subnet-a"]);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      "web-1: m6i.large (needs ENA, which its image lacks) cannot be used for it in eu-central-1",
    ]);
  });

  test("a server that no type is left for is a problem, with the reason of each", () => {
    expect(placeOld({}, ena.slice(1)).problems).toEqual([
      "web-1: none of m4.large, m6i.large (needs ENA, which its image lacks) is offered for x86_64 in the zones of subnet-a, subnet-b",
    ]);
  });

  test("a type without the instance store that a server has is told", () => {
    expect(placeOld({ enaSupport: true, instanceStoreVolumes: 1 }).warnings).toEqual([
      "web-1: m6i.large would give it none of its instance store volumes",
    ]);
  });

  test("a full subnet sends the third one elsewhere, with a warning", () => {
    const { placed, warnings } = place([server(1), server(2), server(3)]);
    expect(placed.at(-1)?.slot.subnet).toBe("subnet-b");
    expect(warnings).toEqual(["web-3: subnet-a cannot take it, so it comes up in subnet-b"]);
  });

  test("no room anywhere is a problem", () => {
    const { problems } = place([1, 2, 3, 4, 5].map((number) => server(number)));
    expect(problems).toEqual(["web-5: no room left in subnet-a, subnet-b"]);
  });

  test("an address that could be kept, but is in use, is a problem", () => {
    const { problems } = place([server(1)], { used: used("10.0.0.10") });
    expect(problems).toEqual(["web-1: its address 10.0.0.10 in subnet-a is in use by eni-1"]);
  });

  test("what this run takes over, or removes, holds neither an address nor room against it", () => {
    const held = { used: used("10.0.0.10", "i-left"), own: new Set(["i-left"]) };
    expect(place([server(1)], held).problems).toEqual([]);
    const full = subnets.map((subnet) => ({ ...subnet, freeAddresses: 0 }));
    expect(place([server(1)], { ...held, subnets: full }).problems).toEqual([]);
    expect(place([server(1), server(2)], { ...held, subnets: full }).problems).toHaveLength(1);
  });

  test("an address that cannot be kept anyway is taken elsewhere when in use", () => {
    const moved = server(1, { privateAddress: "10.9.0.10", subnet: { id: "s", cidr: "10.9.0.0/24" } });
    const { placed, warnings } = place([moved], { used: used("10.0.0.10") });
    expect(placed[0]?.slot.subnet).toBe("subnet-b");
    expect(warnings).toHaveLength(1);
  });

  test("two servers that want one address in every subnet: the second one has a problem", () => {
    const twin = server(2, { privateAddress: "10.9.0.10", subnet: { id: "s", cidr: "10.9.0.0/24" } });
    const { problems } = place([server(1), twin], { subnets: subnets.slice(0, 1) });
    expect(problems).toEqual(["web-2: its address 10.0.0.10 in subnet-a is in use by web-1"]);
  });

  test("a type of another architecture, or one that no zone offers, is a problem when none is left", () => {
    expect(place([server(1, { architecture: "arm64" })]).problems).toEqual([
      "web-1: none of m5.large, m6i.large is offered for arm64 in the zones of subnet-a, subnet-b",
    ]);
    expect(place([server(1)], { offered: new Set() }).problems).toHaveLength(1);
  });

  test("a type that cannot be used is named, when another one can", () => {
    const { placed, warnings } = place([server(1, { instanceType: "a1.large" })]);
    expect(placed[0]?.slot.instanceType).toBe("m6i.large");
    expect(warnings).toEqual(["web-1: a1.large cannot be used for it in eu-central-1"]);
  });

  test("no subnet that could take it is a problem", () => {
    expect(place([server(1)], { subnets: [] }).problems).toEqual([
      "web-1: no subnet of the plan takes the host part of 10.0.0.10; there is none",
    ]);
    const { resource } = server(1);
    const at = {
      ...server(1),
      resource: { ...resource, launch: { ...resource.launch, address: { "web-1": "10.9.0.10" } } },
    };
    const ranges = subnets.map(({ id, cidr }) => `${id} (${cidr})`).join(", ");
    expect(place([at]).problems).toEqual([
      `web-1: no subnet of the plan takes its address 10.9.0.10; there are ${ranges}`,
    ]);
  });
});
