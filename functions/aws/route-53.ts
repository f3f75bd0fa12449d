import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import type { RecordSet } from "../core/traffic/record-changes.ts";
import type { Clients, Patience } from "./calls/clients.ts";
import { tryRight } from "./calls/try-right.ts";

/** Region of Route 53's control plane. Nothing on the path of a `takeover` needs it (invariant 3). */
export const controlPlane = "us-east-1";
const pagesMax = 20;

/**
 * The record sets of these names, in the order of the names. A listing begins at a name and ends at the first other
 * one; a next page that begins where this one did (moto leaves NextRecordIdentifier out) is an error, not a loop.
 */
export const listRecords = async (
  clients: Clients,
  zone: string,
  names: string[],
  patience: Patience,
): Promise<RecordSet[]> => {
  const found: RecordSet[] = [];
  for (const name of new Set(names)) found.push(...(await recordsOf(clients, zone, name, patience)));
  return found;
};

/** The record sets of these records, by zone. */
export const listByZone = async (
  clients: Clients,
  records: { zone: string; name: string }[],
  patience: Patience,
): Promise<Record<string, RecordSet[]>> => {
  const found: Record<string, RecordSet[]> = {};
  for (const zone of new Set(records.map((record) => record.zone))) {
    const names = records.filter((record) => record.zone === zone).map(({ name }) => name);
    found[zone] = await listRecords(clients, zone, names, patience);
  }
  return found;
};

const recordsOf = async (clients: Clients, zone: string, name: string, patience: Patience) => {
  const found: RecordSet[] = [];
  let from: Start = { StartRecordName: name };
  for (let pages = 0; pages < pagesMax; pages++) {
    const page: ListResourceRecordSetsCommandOutput = await clients(Route53Client, controlPlane, patience).send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...from }),
    );
    const sets = (page.ResourceRecordSets ?? []).map(toRecordSet);
    found.push(...sets.filter((set) => set.name === name));
    if (!page.IsTruncated || sets.some((set) => set.name !== name)) return found;
    const next: Start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      ...(page.NextRecordIdentifier && { StartRecordIdentifier: page.NextRecordIdentifier }),
    };
    if (JSON.stringify(next) === JSON.stringify(from)) break;
    from = next;
  }
  throw new Error(`the listing of ${name} in zone ${zone} does not end`);
};
type Start = Pick<
  ConstructorParameters<typeof ListResourceRecordSetsCommand>[0],
  "StartRecordName" | "StartRecordType" | "StartRecordIdentifier"
>;

/**
 * One atomic batch in one zone (ChangeResourceRecordSets: all or none). Gives the id by which GetChange knows it. A set
 * that is to go must be given exactly as it is.
 */
export const changeRecords = async (
  clients: Clients,
  zone: string,
  { upserts, deletes = [] }: { upserts: RecordSet[]; deletes?: RecordSet[] },
  comment: string,
): Promise<string> => {
  const changes = (Action: "UPSERT" | "DELETE", sets: RecordSet[]) =>
    sets.map((set) => ({ Action, ResourceRecordSet: toResourceRecordSet(set) }));
  const { ChangeInfo } = await clients(Route53Client, controlPlane, "once").send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: { Comment: comment, Changes: [...changes("UPSERT", upserts), ...changes("DELETE", deletes)] },
    }),
  );
  return ChangeInfo?.Id ?? "";
};

/** True once every name server of the zone answers by the change; one short attempt. [SDK Route53: GetChange] */
export const isInSync = async (clients: Clients, change: string): Promise<boolean> => {
  const { ChangeInfo } = await clients(Route53Client, controlPlane, "optional").send(
    new GetChangeCommand({ Id: change }),
  );
  return ChangeInfo?.Status === "INSYNC";
};

/** Regions of the VPCs that a private zone is associated with; one short attempt. [SDK Route53: GetHostedZone] */
export const vpcRegionsOf = async (clients: Clients, zone: string): Promise<string[]> => {
  const { VPCs = [] } = await clients(Route53Client, controlPlane, "optional").send(
    new GetHostedZoneCommand({ Id: zone }),
  );
  return [...new Set(VPCs.flatMap(({ VPCRegion }) => VPCRegion ?? []))].sort();
};

/** Names come back with a trailing dot and with `*` and the like as octal escapes. */
const plainName = (name: string) =>
  name
    .replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\.$/, "")
    .toLowerCase();

const toRecordSet = (set: ResourceRecordSet): RecordSet => ({
  name: plainName(set.Name ?? ""),
  type: set.Type ?? "",
  setIdentifier: set.SetIdentifier ?? null,
  failover: set.Failover ?? null,
  weight: set.Weight ?? null,
  region: set.Region ?? null,
  geoLocation: set.GeoLocation ? (set.GeoLocation as Record<string, string>) : null,
  multivalue: set.MultiValueAnswer ?? null,
  geoProximity: set.GeoProximityLocation ? (set.GeoProximityLocation as Record<string, unknown>) : null,
  cidr: set.CidrRoutingConfig ? ({ ...set.CidrRoutingConfig } as Record<string, string>) : null,
  trafficPolicy: set.TrafficPolicyInstanceId ?? null,
  ttlSeconds: set.AliasTarget ? null : (set.TTL ?? null),
  values: (set.ResourceRecords ?? []).map((record) => record.Value ?? ""),
  alias: set.AliasTarget
    ? {
        zone: set.AliasTarget.HostedZoneId ?? "",
        name: plainName(set.AliasTarget.DNSName ?? ""),
        evaluateTargetHealth: set.AliasTarget.EvaluateTargetHealth ?? false,
      }
    : null,
  healthCheck: set.HealthCheckId ?? null,
});

const toResourceRecordSet = (set: RecordSet): ResourceRecordSet => ({
  Name: set.name,
  Type: set.type as NonNullable<ResourceRecordSet["Type"]>,
  ...(set.setIdentifier !== null && { SetIdentifier: set.setIdentifier }),
  ...(set.failover && { Failover: set.failover }),
  ...(set.weight !== null && { Weight: set.weight }),
  ...(set.region && { Region: set.region as NonNullable<ResourceRecordSet["Region"]> }),
  ...(set.geoLocation && { GeoLocation: set.geoLocation }),
  ...(set.multivalue !== null && { MultiValueAnswer: set.multivalue }),
  ...(set.geoProximity && { GeoProximityLocation: set.geoProximity }),
  ...(set.cidr && { CidrRoutingConfig: set.cidr as unknown as ResourceRecordSet["CidrRoutingConfig"] }),
  ...(set.trafficPolicy && { TrafficPolicyInstanceId: set.trafficPolicy }),
  ...(set.healthCheck && { HealthCheckId: set.healthCheck }),
  ...(set.alias
    ? {
        AliasTarget: {
          HostedZoneId: set.alias.zone,
          DNSName: set.alias.name,
          EvaluateTargetHealth: set.alias.evaluateTargetHealth,
        },
      }
    : { TTL: set.ttlSeconds ?? 0, ResourceRecords: set.values.map((Value) => ({ Value })) }),
});

/**
 * May the caller change records of this zone? Tried by deleting one that is not there, `_lifeboat-proof.<name>`, which Route 53
 * refuses; of a type that the role may change. [SDK Route 53: InvalidChangeBatch]
 */
export const tryChange = (clients: Clients, zone: string, name: string) => {
  const ResourceRecords = [{ Value: "192.0.2.1" }];
  const ResourceRecordSet = { Name: `_lifeboat-proof.${name}`, Type: "A" as const, TTL: 60, ResourceRecords };
  return tryRight(
    "route53:ChangeResourceRecordSets",
    controlPlane,
    () =>
      clients(Route53Client, controlPlane, "once").send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zone,
          ChangeBatch: { Changes: [{ Action: "DELETE", ResourceRecordSet }] },
        }),
      ),
    ["InvalidChangeBatch"],
  );
};
