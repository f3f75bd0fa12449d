import { describe, expect, test } from "vitest";
import { judgePlanned, judgeSettings } from "../../../../functions/core/instances/launch/judge-settings.ts";
import type { Launch } from "../../../../functions/core/model/plan.ts";
import type { Manifest } from "../../../../functions/core/model/recovery-point.ts";
import type { ServerSettings } from "../../../../functions/core/model/server-settings.ts";
import { aManifest, aResource } from "../../../support/builders.ts";

const metadata = { hopLimit: 1, endpoint: "enabled", tags: "disabled", ipv6: "disabled" };
const withSettings = (settings: Partial<ServerSettings>) => aManifest({ settings: { metadata, ...settings } });
const [volume] = aManifest().volumes;
const withVolumes = (...over: Partial<Manifest["volumes"][number]>[]) =>
  aManifest({ volumes: over.map((one) => ({ ...volume!, ...one })) });

describe("what a launch does not give back", () => {
  test.each<[string, Manifest, string]>([
    [
      "a router",
      withSettings({ forwards: true }),
      "it forwards for others (SourceDestCheck is off, and will be): routes to it are yours to point anew",
    ],
    [
      "IPv6",
      withSettings({ ipv6Addresses: ["2001:db8::1"] }),
      "its IPv6 addresses 2001:db8::1 become others, and none in a subnet without IPv6",
    ],
    ["prefixes", withSettings({ prefixes: 2 }), "the 2 address prefixes of its interface are not made"],
    ["an EFA", withSettings({ interfaceType: "efa" }), "its interface of type efa comes up as an ordinary one"],
    ["Spot", withSettings({ spot: true }), "it is a Spot instance and comes up On-Demand"],
    ["a placement group", withSettings({ placementGroup: "near" }), "it comes up outside its placement group near"],
    [
      "a host",
      withSettings({ tenancy: "host", host: "h-1" }),
      "it runs on a Dedicated Host (h-1) and comes up on shared hardware",
    ],
    ["licences", withSettings({ licenses: ["arn:l"] }), "its license configurations are left out: arn:l"],
    [
      "a reservation",
      withSettings({ reservation: "cr-1" }),
      "its capacity reservation (cr-1) is of its own Region: launch.capacityReservation names another",
    ],
    [
      "a host name",
      withSettings({ hostName: { type: "resource-name", a: true, aaaa: false } }),
      "its host name is made of its id only in a subnet with IPv6",
    ],
    ["hibernation", withSettings({ hibernation: true }), "it cannot hibernate: its root volume is not encrypted"],
    [
      "a shared volume",
      withVolumes({}, { device: "/dev/sdf", volume: "vol-2", shared: true }),
      "/dev/sdf (vol-2) is a Multi-Attach volume: each server comes up with a copy of its own",
    ],
    [
      "fast snapshot restore",
      withVolumes({ fastRestore: true }, { device: "/dev/sdf" }),
      "/dev/xvda has fast snapshot restore in its own Region, its copies have none: they load as they are read (launch.initializationRate)",
    ],
    [
      "stop protection",
      withSettings({ protections: { at: "", stop: true } }),
      "its stop protection is not set: it would keep a later fence from stopping it. Set it once it is to stay",
    ],
    [
      "termination protection",
      withSettings({ protections: { at: "", termination: true } }),
      "its termination protection is not set: a later run may have to remove it. Set it once it is to stay",
    ],
    [
      "what no launch here can ask for",
      withSettings({ others: ["ENA Express", "8 ENA queues"] }),
      "these come up as AWS's defaults: ENA Express, 8 ENA queues",
    ],
  ])("%s is told", (_, manifest, sentence) => expect(judgeSettings(manifest)).toEqual([`web-1: ${sentence}`]));

  test("nothing of an ordinary server, nor of what goes with it", () => {
    const settings = { monitoring: true, tenancy: "dedicated", reservation: "none", credits: "standard" } as const;
    expect(judgeSettings(withSettings(settings))).toEqual([]);
  });

  test("a point that does not know them says so", () => {
    const { settings: _, ...old } = aManifest();
    expect(judgeSettings(old)).toEqual([
      "web-1: how it was launched is not known of web.20260302T113000Z: it comes up with AWS's defaults",
    ]);
  });
});

describe("what the plan's launch leaves out", () => {
  const judge = (settings: Partial<ServerSettings>, launch: Partial<Launch> = {}, tags = ["Name"]) =>
    judgePlanned(withSettings(settings), { ...aResource().launch, ...launch }, tags);

  test.each<[string, ReturnType<typeof judge>, string[]]>([
    ["nothing", judge({}), []],
    ["secondary addresses that keep their host part", judge({ secondaryAddresses: ["10.0.0.20"] }), []],
    [
      "others",
      judge({ secondaryAddresses: ["10.0.0.20"] }, { address: "auto" }),
      ["web-1: its secondary private addresses 10.0.0.20 become others"],
    ],
    [
      "CPU options of another type",
      judge({ cpu: { cores: 1, threads: 1 }, enclave: true }),
      ["web-1: CPU options (1 cores, 1 threads each), Nitro Enclaves are left out when it comes up as m6i.large"],
    ],
    ["CPU options of its own type", judge({ cpu: { cores: 1, threads: 1 } }, { instanceTypes: ["same"] }), []],
    [
      "tags that must not show",
      judge({ metadata: { ...metadata, tags: "enabled" } }, {}, ["Name", "cost centre"]),
      ["web-1: its tags do not show in its metadata, because of cost centre"],
    ],
  ])("%s", (_, told, expected) => expect(told).toEqual(expected));
});
