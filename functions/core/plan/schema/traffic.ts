import * as z from "zod/mini";
import * as value from "../values/values.ts";

const { choice, durationOrZero, flag, list, map, whole } = value;

const recordValue = z.union(
  [
    value.nonEmpty("an address"),
    list(value.nonEmpty("an address"), "addresses", 1),
    map({ alias: map({ zone: value.hostedZone, name: value.recordName }) }),
  ],
  { error: "an address, a list of addresses, { alias: { zone, name } }, or launched:RESOURCE" },
);

const stepsError = "percentages in ascending order that end with 100, such as [10, 50, 100]";
const steps = list(whole(1, 100), "percentages", 1, 10).check(
  z.refine((given) => given.at(-1) === 100 && given.every((step, index) => index === 0 || given[index - 1]! < step), {
    error: stepsError,
  }),
);

const trafficRecord = map({
  name: value.recordName,
  type: choice("A", "AAAA", "CNAME"),
  policy: choice("failover", "weighted", "latency", "geolocation", "multivalue", "simple"),
  ttl: z._default(whole(1, 86_400), 60),
  primary: recordValue,
  recovery: recordValue,
  setIdentifiers: z.optional(map({ primary: value.setIdentifier, recovery: value.setIdentifier })),
  zone: z.optional(value.hostedZone),
  private: z._default(flag(), false),
  steps: z.optional(steps),
  gate: z.optional(durationOrZero("1h")),
  routingControls: z.optional(map({ primary: value.routingControl, recovery: value.routingControl })),
});

/** Five Regional endpoints, each to be tried. [SDK route53-recovery-cluster] */
const endpointsOfCluster = 5;
const cluster = map({
  endpoints: list(
    map({ region: value.region, url: value.httpsUrl }),
    "endpoints { region, url }, all of the cluster",
    endpointsOfCluster,
    endpointsOfCluster,
  ),
});

/** How traffic is switched to the other Region. */
export const traffic = map({
  switch: choice("takeover", "routing-control", "records"),
  cluster: z.optional(cluster),
  healthCheck: z._default(value.healthCheck, "create"),
  acceptControlPlane: z._default(flag(), false),
  allowHealthInputs: z._default(flag(), false),
  zone: value.hostedZone,
  records: list(trafficRecord, "records", 1),
});
