import type { Launch } from "../../model/plan.ts";
import type { Manifest } from "../../model/recovery-point.ts";
import type { ServerSettings } from "../../model/server-settings.ts";
import { canHibernate, showsInMetadata } from "./launch-settings.ts";
import { settingsOf } from "./placement.ts";

/** What a server had and its launch will not give it, a sentence each: of its own settings, and of its volumes. */
export const judgeSettings = (manifest: Manifest): string[] => {
  const { name, settings } = manifest;
  const volumes = [...sharedOf(manifest), ...fastOf(manifest)];
  const lost = settings
    ? lostOf(settings, manifest)
    : [`how it was launched is not known of ${manifest.point}: it comes up with AWS's defaults`];
  return [...lost, ...volumes].map((sentence) => `${name}: ${sentence}`);
};

const lostOf = (settings: ServerSettings, manifest: Manifest): string[] => {
  const { ipv6Addresses: ipv6, hibernation, interfaceType, licenses, others, protections } = settings;
  const lost: [unknown, string][] = [
    [
      settings.forwards,
      "it forwards for others (SourceDestCheck is off, and will be): routes to it are yours to point anew",
    ],
    [ipv6, `its IPv6 addresses ${ipv6?.join(", ")} become others, and none in a subnet without IPv6`],
    [settings.prefixes, `the ${settings.prefixes} address prefixes of its interface are not made`],
    [interfaceType, `its interface of type ${interfaceType} comes up as an ordinary one`],
    [settings.spot, "it is a Spot instance and comes up On-Demand"],
    [settings.placementGroup, `it comes up outside its placement group ${settings.placementGroup}`],
    [
      settings.tenancy === "host",
      `it runs on a Dedicated Host (${settings.host ?? "any"}) and comes up on shared hardware`,
    ],
    [licenses, `its license configurations are left out: ${licenses?.join(", ")}`],
    [
      settings.reservation && settings.reservation !== "none",
      `its capacity reservation (${settings.reservation}) is of its own Region: launch.capacityReservation names another`,
    ],
    [settings.hostName?.type === "resource-name", "its host name is made of its id only in a subnet with IPv6"],
    [others, `these come up as AWS's defaults: ${others?.join(", ")}`],
    [
      protections?.stop,
      "its stop protection is not set: it would keep a later fence from stopping it. Set it once it is to stay",
    ],
    [
      protections?.termination,
      "its termination protection is not set: a later run may have to remove it. Set it once it is to stay",
    ],
    [hibernation && !canHibernate(manifest), "it cannot hibernate: its root volume is not encrypted"],
  ];
  return lost.flatMap(([isSo, sentence]) => (isSo ? sentence : []));
};

/** A launch makes volumes of one server each. [SDK EC2: EbsBlockDevice] */
const sharedOf = ({ volumes }: Manifest) =>
  volumes.flatMap(({ device, volume, shared }) =>
    shared ? `${device} (${volume}) is a Multi-Attach volume: each server comes up with a copy of its own` : [],
  );

/** It is a setting of one snapshot in one zone, so that no copy has it. [EBS: ebs-fast-snapshot-restore] */
const fastOf = ({ volumes }: Manifest) => {
  const devices = volumes.flatMap(({ device, fastRestore }) => (fastRestore ? device : []));
  return devices.length
    ? [
        `${devices.join(", ")} has fast snapshot restore in its own Region, its copies have none: they load as they are read (launch.initializationRate)`,
      ]
    : [];
};

/** As `judgeSettings`, of what the plan decides: `tags` are the keys that the launched server will have. */
export const judgePlanned = (manifest: Manifest, launch: Launch, tags: string[]): string[] => {
  const { name, settings, instanceType } = manifest;
  const { publicAddress } = manifest;
  const { address, instanceTypes } = settingsOf(launch, manifest);
  const others = instanceTypes.filter((type) => type !== instanceType);
  const bound = boundToType(settings);
  const secondary = address === "same-host-part" ? [] : (settings?.secondaryAddresses ?? []);
  const shown = (launch.metadata?.tags ?? settings?.metadata.tags) === "enabled";
  const hidden = shown ? tags.filter((key) => !showsInMetadata(key)) : [];
  const lost: [unknown, string][] = [
    [secondary.length, `its secondary private addresses ${secondary.join(", ")} become others`],
    [
      publicAddress && launch.elasticIps.length === 0,
      `its public address ${publicAddress} becomes another, or none where its subnet gives none`,
    ],
    [bound && others.length, `${bound} are left out when it comes up as ${others.join(" or ")}`],
    [hidden.length, `its tags do not show in its metadata, because of ${hidden.join(", ")}`],
  ];
  return lost.flatMap(([isSo, sentence]) => (isSo ? `${name}: ${sentence}` : []));
};

const boundToType = ({ cpu, enclave, hibernation, bandwidthWeighting }: Partial<ServerSettings> = {}): string =>
  [
    ...(cpu ? [`CPU options (${cpu.cores} cores, ${cpu.threads} threads each)`] : []),
    ...(enclave ? ["Nitro Enclaves"] : []),
    ...(hibernation ? ["hibernation"] : []),
    ...(bandwidthWeighting ? [`bandwidth weighting ${bandwidthWeighting}`] : []),
  ].join(", ");
