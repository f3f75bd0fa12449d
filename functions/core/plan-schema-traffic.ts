import * as z from "zod/mini";
import * as value from "./plan-values.ts";

const { choice, flag, list, map, whole } = value;

const recordValue = z.union(
  [
    value.nonEmpty("an address"),
    list(value.nonEmpty("an address"), "addresses", 1),
    map({ alias: map({ zone: value.hostedZone, name: value.recordName }) }),
  ],
  { error: "an address, a list of addresses, { alias: { zone, name } }, or launched:RESOURCE" },
);

const trafficRecord = map({
  name: value.recordName,
  type: choice("A", "AAAA", "CNAME"),
  policy: choice("failover", "simple"),
  ttl: z._default(whole(1, 86_400), 60),
  primary: recordValue,
  recovery: recordValue,
  setIdentifiers: z.optional(
    map({ primary: value.nonEmpty("a set identifier"), recovery: value.nonEmpty("a set identifier") }),
  ),
  zone: z.optional(value.hostedZone),
});

/** How users get to the other side. */
export const traffic = map({
  switch: choice("takeover", "records"),
  healthCheck: z._default(value.healthCheck, "create"),
  acceptControlPlane: z._default(flag(), false),
  allowHealthInputs: z._default(flag(), false),
  zone: value.hostedZone,
  records: list(trafficRecord, "records", 1),
});
