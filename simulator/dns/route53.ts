import type {
  ChangeResourceRecordSetsRequest,
  GetChangeRequest,
  GetHealthCheckRequest,
  GetHealthCheckStatusRequest,
  GetHostedZoneRequest,
  ListHealthChecksRequest,
  ListResourceRecordSetsRequest,
  ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { trafficSeconds } from "../durations-traffic.ts";
import { AwsError, isoOf, type Operation, type World } from "../kernel.ts";
import { applyChanges } from "./record-rules.ts";
import { append, dotted, route53Of, type Zone } from "./zones.ts";

const pageMax = 300;

/** Route 53's control plane. It lives in us-east-1: other Regions have no endpoint of it. [R53:route-53-concepts] */
export const route53: Record<string, Operation> = {
  ChangeResourceRecordSets: (input: ChangeResourceRecordSetsRequest, { world, region }) => {
    checkRegion(region);
    const zone = zoneOf(world, input.HostedZoneId);
    const before = zone.sets.at(-1)!;
    const { changes } = route53Of(world);
    const latest = Math.max(0, ...[...changes.values()].filter((one) => one.zone === zone.id).map(({ at }) => at));
    if (world.now() - latest < trafficSeconds.recordChange * 1_000)
      throw new AwsError("PriorRequestNotComplete", "The request was rejected because a prior request is in progress");
    const after = applyChanges(world, zone, before.value, input.ChangeBatch?.Changes ?? []);
    append(zone.sets, world.now(), after);
    const id = `/change/${world.id("C").toUpperCase().replace("-", "")}`;
    changes.set(id, { at: world.now(), zone: zone.id });
    return { ChangeInfo: changeInfo(world, id) };
  },

  GetChange: (input: GetChangeRequest, { world, region }) => {
    checkRegion(region);
    const id = `/change/${(input.Id ?? "").replace(/^\/change\//, "")}`;
    if (!route53Of(world).changes.has(id))
      throw new AwsError("NoSuchChange", `A change with id ${id} was not found`, 404);
    return { ChangeInfo: changeInfo(world, id) };
  },

  ListResourceRecordSets: (input: ListResourceRecordSetsRequest, { world, region }) => {
    checkRegion(region);
    const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input;
    if ((type && !name) || (identifier && !(name && type)))
      throw new AwsError("InvalidInput", "A start type needs a start name, a start identifier needs both");
    const from = name && sortKey({ Name: dotted(name), Type: type, SetIdentifier: identifier });
    const sets = [...zoneOf(world, input.HostedZoneId).sets.at(-1)!.value].sort(byKey);
    const rest = from ? sets.filter((set) => sortKey(set) >= from) : sets;
    const page = rest.slice(0, Math.min(Number(input.MaxItems ?? pageMax), pageMax));
    const next = rest[page.length];
    return {
      ResourceRecordSets: structuredClone(page),
      IsTruncated: next !== undefined,
      MaxItems: Number(input.MaxItems ?? pageMax),
      ...(next && { NextRecordName: next.Name, NextRecordType: next.Type }),
      ...(next?.SetIdentifier && { NextRecordIdentifier: next.SetIdentifier }),
    };
  },

  GetHostedZone: (input: GetHostedZoneRequest, { world, region }) => {
    checkRegion(region);
    const { id, name, private: PrivateZone, regions } = zoneOf(world, input.Id);
    const VPCs = (PrivateZone ? regions : []).map((VPCRegion) => ({ VPCRegion, VPCId: `vpc-${VPCRegion}` }));
    return { HostedZone: { Id: `/hostedzone/${id}`, Name: name, CallerReference: id, Config: { PrivateZone } }, VPCs };
  },

  GetHealthCheck: (input: GetHealthCheckRequest, { world, region }) => {
    checkRegion(region);
    const found = route53Of(world).checks.get(input.HealthCheckId ?? "");
    if (!found)
      throw new AwsError("NoSuchHealthCheck", `A health check with id ${input.HealthCheckId} does not exist`, 404);
    const { id, config } = found;
    return {
      HealthCheck: { Id: id, CallerReference: id, HealthCheckConfig: structuredClone(config), HealthCheckVersion: 1 },
    };
  },

  ListHealthChecks: (input: ListHealthChecksRequest, { world, region }) => {
    checkRegion(region);
    const all = [...route53Of(world).checks.values()];
    const from = input.Marker ? all.findIndex(({ id }) => id === input.Marker) : 0;
    const size = Math.min(Number(input.MaxItems ?? checkPageMax), checkPageMax);
    const next = all[from + size];
    return {
      HealthChecks: all.slice(from, from + size).map(({ id, config }) => ({
        Id: id,
        CallerReference: id,
        HealthCheckConfig: structuredClone(config),
        HealthCheckVersion: 1,
      })),
      Marker: input.Marker ?? "",
      MaxItems: size,
      IsTruncated: next !== undefined,
      ...(next && { NextMarker: next.id }),
    };
  },

  GetHealthCheckStatus: (input: GetHealthCheckStatusRequest, { world, region }) => {
    checkRegion(region);
    const found = route53Of(world).checks.get(input.HealthCheckId ?? "");
    if (!found)
      throw new AwsError("NoSuchHealthCheck", `A health check with id ${input.HealthCheckId} does not exist`, 404);
    if (!/^(HTTP|HTTPS|TCP)/.test(found.config.Type ?? ""))
      throw new Error(`simulator/dns/route53.ts: the status of a ${found.config.Type} check is not simulated`);
    const Status = found.healthy.at(-1)!.value
      ? "Success: HTTP Status Code 200, OK"
      : "Failure: HTTP Status Code 503, Service Unavailable";
    const StatusReport = { Status, CheckedTime: new Date(world.now()) };
    return { HealthCheckObservations: checkers.map((IPAddress) => ({ IPAddress, StatusReport })) };
  },
};

const checkPageMax = 100;
const checkers = ["15.177.2.7", "15.177.10.9", "15.177.18.11", "15.177.26.13"];

const checkRegion = (region: string) => {
  if (region !== "us-east-1")
    throw new Error(`simulator/dns/route53.ts: the control plane is in us-east-1, not ${region}`);
};

const zoneOf = (world: World, id = ""): Zone => {
  const found = route53Of(world).zones.get(id.replace(/^\/hostedzone\//, ""));
  if (found) return found;
  throw new AwsError("NoSuchHostedZone", `No hosted zone found with ID: ${id}`, 404);
};

/** In sync once the slowest name server answers by it. */
const changeInfo = (world: World, id: string) => {
  const { at, zone } = route53Of(world).changes.get(id)!;
  const slowest = Math.max(...zoneOf(world, zone).servers.map(({ recordDelay }) => recordDelay));
  const Status = world.now() >= at + slowest * 1_000 ? "INSYNC" : "PENDING";
  return { Id: id, Status, SubmittedAt: new Date(isoOf(at)) };
};

/** Sets are listed by name with its labels turned round, then by type and identifier. [SDK Route53: ListResourceRecordSets] */
const sortKey = (set: { [K in "Name" | "Type" | "SetIdentifier"]?: string | undefined }) =>
  [(set.Name ?? "").split(".").reverse().join("."), set.Type, set.SetIdentifier].join("\u0001");
const byKey = (a: ResourceRecordSet, b: ResourceRecordSet) => (sortKey(a) < sortKey(b) ? -1 : 1);
