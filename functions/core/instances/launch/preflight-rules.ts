import type { Findings } from "../../findings.ts";
import type { Resource } from "../../model/plan.ts";
import type { Manifest, Point } from "../../model/recovery-point.ts";
import type { Run, ServerRef } from "../../model/run.ts";
import { isImageBased } from "../capture/image-capture.ts";
import { judgeSettings } from "./judge-settings.ts";
import { type Placement, placementsOf, type Subnet, settingsOf } from "./placement.ts";
import { type InstanceType, whyUnsuited } from "./type-rules.ts";

/** One server to recover, with what is known of it. */
export type Candidate = { ref: ServerRef; resource: Resource; manifest: Manifest };
/** `refused`: slots that cannot take it, and why: Launch asks EC2 for none of them. */
export type Placed = { candidate: Candidate; slot: Placement; refused?: Record<string, string> };

const ebsVolumeGiBMax = 16_384;

/** Is the pinned point of a resource whole, and in the Region of this run? */
export const judgePoint = (run: Run, resource: string, point: Point | null, manifests: Manifest[]): string[] => {
  if (!point) return [`${resource}: no complete recovery point in ${run.target}`];
  if (point.state !== "complete") return [`${resource}: recovery point ${point.id} is ${point.state}, not complete`];
  if (point.target !== run.target)
    return [`${resource}: recovery point ${point.id} lies in ${point.target}, not in ${run.target}`];
  return point.servers.flatMap((server) => {
    const manifest = manifests.find((one) => one.server === server);
    if (!manifest) return [`${resource}: ${server} has no manifest in recovery point ${point.id}`];
    const without = manifest.volumes.filter(({ snapshot }) => !snapshot).map(({ device }) => device);
    if (manifest.volumes.length === 0) without.push("every volume");
    return without.length
      ? [`${manifest.name}: no snapshot of ${without.join(", ")} in recovery point ${point.id}`]
      : [];
  });
};

/** What Lifeboat cannot recover yet, and what will be missing. */
export const judgeManifest = (given: Manifest): Findings => {
  const { name, ...manifest } = given;
  const problems: string[] = [];
  const warnings: string[] = [];
  if (manifest.autoScalingGroup)
    warnings.push(
      `${name}: it is launched outside its Auto Scaling group ${manifest.autoScalingGroup}: nothing replaces it`,
    );
  if (isImageBased(manifest) && !(manifest.byImage && manifest.image))
    problems.push(`${name}: recovery point ${manifest.point} has no image with the ${licenceOf(manifest)}`);
  if (manifest.instanceStoreVolumes)
    warnings.push(`${name}: ${manifest.instanceStoreVolumes} instance store volumes come up empty`);
  if (manifest.networkInterfaces > 1)
    warnings.push(`${name}: only the first of its ${manifest.networkInterfaces} network interfaces is made`);
  for (const { device, sizeGiB } of manifest.volumes)
    if (sizeGiB > ebsVolumeGiBMax) warnings.push(`${name}: ${device} has ${sizeGiB} GiB, more than 16 TiB`);
  warnings.push(...judgeSettings(given));
  return { problems, warnings };
};

const licenceOf = ({ platform, productCodes, virtualization }: Omit<Manifest, "name">) => {
  if (productCodes.length) return `licence of its product codes (${productCodes.join(", ")})`;
  return virtualization
    ? "kernel of a paravirtual server, which boots from no other"
    : `licence of its platform ${platform}`;
};

type Place = {
  subnets: Subnet[];
  types: InstanceType[];
  /** `<type>/<zone>`. */
  offered: Set<string>;
  used: { subnet: string; address: string; interface: string; instance: string | null }[];
  /** Instances that this run takes over, or removes before it launches: their addresses are free by then. */
  own?: Set<string>;
};

/** A server that no subnet takes: the address that it is to have, and the ranges that there are. */
const homeless = ({ manifest, resource: { launch } }: Candidate, { subnets }: Place) => {
  const { address } = settingsOf(launch, manifest);
  const wanted =
    address === "same-host-part" ? `the host part of ${manifest.privateAddress}` : `its address ${address}`;
  const ranges = subnets.map(({ id, cidr }) => `${id} (${cidr})`).join(", ");
  return `${manifest.name}: no subnet of the plan takes ${address === "auto" ? "it" : wanted}; there ${ranges ? `are ${ranges}` : "is none"}`;
};

/**
 * Gives every server, in order, its first slot with room and a free address, as Launch will. A server that cannot keep
 * its address, though a subnet of the plan would let it, is a problem: others may know it by that address.
 */
export const placeServers = (
  candidates: Candidate[],
  { target }: Run,
  place: Place,
): Findings & { placed: Placed[] } => {
  const found = { problems: [] as string[], warnings: [] as string[], placed: [] as Placed[] };
  const isOwn = ({ instance }: Place["used"][number]) => instance !== null && (place.own?.has(instance) ?? false);
  const freed = (subnet: string) => place.used.filter((one) => one.subnet === subnet && isOwn(one)).length;
  const free = new Map(place.subnets.map(({ id, freeAddresses }) => [id, freeAddresses + freed(id)]));
  const holders = new Map(
    place.used.filter((one) => !isOwn(one)).map((one) => [`${one.subnet}/${one.address}`, one.interface]),
  );
  for (const candidate of candidates) {
    const { ref, resource, manifest } = candidate;
    const { name } = manifest;
    const all = placementsOf(resource.launch, manifest, ref.zone, place.subnets);
    const fitting = all.filter((slot) => suits(slot, manifest, place));
    const holderOf = ({ subnet, address }: Placement) => (address ? holders.get(`${subnet}/${address}`) : undefined);
    const [first] = fitting;
    const slot = fitting.find((one) => (free.get(one.subnet) ?? 0) > 0 && !holderOf(one));
    if (!first) {
      found.problems.push(all.length ? unsuited(name, manifest, all, place) : homeless(candidate, place));
      continue;
    }
    const holder = holderOf(first);
    if (holder && (!slot || first.address === manifest.privateAddress)) {
      found.problems.push(`${name}: its address ${first.address} in ${first.subnet} is in use by ${holder}`);
      continue;
    }
    if (!slot) {
      found.problems.push(`${name}: no room left in ${subnetsOf(fitting)}`);
      continue;
    }
    if (slot.subnet !== first.subnet)
      found.warnings.push(`${name}: ${first.subnet} cannot take it, so it comes up in ${slot.subnet}`);
    const left = typesOf(all).filter((type) => !fitting.some(({ instanceType }) => instanceType === type));
    if (left.length)
      found.warnings.push(`${name}: ${namesOf(left, manifest, place)} cannot be used for it in ${target}`);
    const diskless = manifest.instanceStoreVolumes ? typesOf(fitting).filter((type) => !hasDisks(type, place)) : [];
    if (diskless.length)
      found.warnings.push(`${name}: ${diskless.join(", ")} would give it none of its instance store volumes`);
    free.set(slot.subnet, (free.get(slot.subnet) ?? 0) - 1);
    if (slot.address) holders.set(`${slot.subnet}/${slot.address}`, name);
    found.placed.push({ candidate, slot, refused: refusedAmong(all, manifest, place) });
  }
  return found;
};

const suits = ({ instanceType, zone }: Placement, manifest: Manifest, { types, offered }: Place) =>
  offered.has(`${instanceType}/${zone}`) &&
  types.some((type) => type.name === instanceType && whyUnsuited(type, manifest) === null);

/** As Launch writes down what EC2 refuses. */
const refusedAmong = (slots: Placement[], manifest: Manifest, place: Place) =>
  Object.fromEntries(
    slots
      .filter((slot) => !suits(slot, manifest, place))
      .map(({ name, instanceType, zone }) => {
        const type = place.types.find((one) => one.name === instanceType);
        return [name, `it ${(type && whyUnsuited(type, manifest)) ?? `is not offered in ${zone}`}`];
      }),
  );

const hasDisks = (name: string, { types }: Place) =>
  types.some((type) => type.name === name && (type.instanceStoreVolumes ?? 0) > 0);

const unsuited = (name: string, manifest: Manifest, slots: Placement[], place: Place) => {
  const names = namesOf(typesOf(slots), manifest, place);
  return `${name}: none of ${names} is offered for ${manifest.architecture} in the zones of ${subnetsOf(slots)}`;
};

/** As in "m5.large, m4.large (needs ENA, which its image lacks)". */
const namesOf = (names: string[], manifest: Manifest, { types }: Place) =>
  names
    .map((name) => {
      const type = types.find((one) => one.name === name);
      const why = type?.architectures.includes(manifest.architecture) ? whyUnsuited(type, manifest) : null;
      return why ? `${name} (${why})` : name;
    })
    .join(", ");

const typesOf = (slots: Placement[]) => [...new Set(slots.map(({ instanceType }) => instanceType))];
const subnetsOf = (slots: Placement[]) => [...new Set(slots.map(({ subnet }) => subnet))].join(", ");
