import type { Launch } from "../../model/plan.ts";
import type { Manifest } from "../../model/recovery-point.ts";
import { own } from "../../own.ts";
import { isUsable, sameHostPart } from "./addresses.ts";

export type Subnet = {
  id: string;
  zone: string;
  cidr: string;
  freeAddresses: number;
  /** True when it has a range of IPv6 addresses. */
  ipv6?: boolean;
  vpc?: string;
};

/** One way to launch one server. Its name is part of the launch token, so it never changes its meaning within a run. */
export type Placement = {
  name: string;
  instanceType: string;
  subnet: string;
  zone: string;
  address: string | null;
  /** The source's secondary addresses where they keep their host part beside `address`; absent: EC2 chooses them. */
  secondary?: string[];
  /** The subnet has IPv6. */
  ipv6?: boolean;
};

/** Every subnet that a launch of this resource may use. */
export const subnetIdsOf = (launch: Launch): string[] => [
  ...new Set([
    ...Object.values(launch.subnets).flat(),
    ...Object.values(launch.overrides).flatMap(({ subnet }) => subnet ?? []),
  ]),
];

/** The settings of one server: the resource's, with what the plan says of this Name tag. */
export const settingsOf = (launch: Launch, manifest: Manifest) => {
  const particular = own(launch.overrides, manifest.name) ?? {};
  const types = particular.instanceTypes ?? launch.instanceTypes;
  const planned = typeof launch.address === "string" ? launch.address : (own(launch.address, manifest.name) ?? "auto");
  return {
    instanceTypes: [...new Set(types.map((type) => (type === "same" ? manifest.instanceType : type)))],
    subnet: particular.subnet ?? null,
    address: particular.address ?? planned,
    securityGroups: particular.securityGroups ?? launch.securityGroups,
  };
};

/**
 * The slots of a server, best first: subnets where it keeps its address, then its own zone, then the others; in each
 * subnet every type. `zone` = place of the source zone; zones of the plan count in the order of their names, because
 * the table keeps no order of keys.
 */
export const placementsOf = (launch: Launch, manifest: Manifest, zone: number, subnets: Subnet[]): Placement[] => {
  const settings = settingsOf(launch, manifest);
  const places = orderOf(launch, zone, settings.subnet)
    .flatMap((id) => subnets.find((subnet) => subnet.id === id) ?? [])
    .flatMap((subnet) => {
      const address = addressIn(subnet, manifest, settings.address);
      return address === undefined ? [] : [{ subnet, address }];
    });
  const keeps = ({ address }: { address: string | null }) => address === manifest.privateAddress;
  const best = [...places.filter(keeps), ...places.filter((place) => !keeps(place))];
  return best.flatMap(({ subnet, address }) =>
    settings.instanceTypes.map((instanceType) => ({
      name: `${instanceType}/${subnet.id}`,
      instanceType,
      subnet: subnet.id,
      zone: subnet.zone,
      address,
      ...secondaryIn(subnet, manifest, settings.address),
      ...(subnet.ipv6 && { ipv6: true }),
    })),
  );
};

/** All of them, or none: a server knows them together. */
const secondaryIn = ({ cidr }: Subnet, { subnet, settings }: Manifest, wanted: string): { secondary?: string[] } => {
  const own = wanted === "same-host-part" ? (settings?.secondaryAddresses ?? []) : [];
  const moved = own.flatMap((address) => sameHostPart(address, subnet.cidr, cidr) ?? []);
  return own.length > 0 && moved.length === own.length ? { secondary: moved } : {};
};

const orderOf = (launch: Launch, zone: number, only: string | null): string[] => {
  if (only) return [only];
  const zones = Object.keys(launch.subnets).sort();
  const own = zones[zone % Math.max(zones.length, 1)];
  return [...zones.filter((name) => name === own), ...zones.filter((name) => name !== own)].flatMap(
    (name) => launch.subnets[name] ?? [],
  );
};

/** Null: EC2 chooses. Undefined: the server cannot be here. */
const addressIn = (subnet: Subnet, manifest: Manifest, wanted: string): string | null | undefined => {
  if (wanted === "auto") return null;
  if (wanted === "same-host-part")
    return sameHostPart(manifest.privateAddress, manifest.subnet.cidr, subnet.cidr) ?? undefined;
  return isUsable(wanted, subnet.cidr) ? wanted : undefined;
};
