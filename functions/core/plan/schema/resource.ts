import * as z from "zod/mini";
import { scheduleOf } from "../values/schedule.ts";
import * as value from "../values/values.ts";

const { choice, duration, flag, list, map, record, scheduled, whole } = value;
const optional = z.optional;

const subnets = z.union([value.subnet, list(value.subnet, "subnet ids", 1, 16)], {
  error: "a subnet id such as subnet-0abc, or a list of them",
});
const zones = record(value.zone, subnets, "Availability Zones to subnets");
const tagKey = value.text("the key of a tag", /^[^\p{Cc}]{1,128}$/u);
const tagValue = value.anyText("the value of a tag");
const nameTag = value.nonEmpty("the Name tag of a server");

const launch = map({
  subnets: zones.check(z.refine((given) => Object.keys(given).length > 0, { error: "at least one Availability Zone" })),
  drillSubnets: optional(zones),
  securityGroups: list(value.securityGroup, "security group ids", 1, 16),
  instanceTypes: z._default(list(value.instanceType, "instance types", 1, 10), ["same"]),
  instanceProfile: z._default(value.instanceProfile, "same"),
  address: z._default(
    z.union([choice("auto", "same-host-part"), record(nameTag, value.ipv4, "Name tags to IPv4 addresses")], {
      error: "auto, same-host-part, or a map of Name tags to IPv4 addresses",
    }),
    "auto",
  ),
  elasticIps: z._default(list(value.elasticIp, "allocation ids"), []),
  targetGroups: z._default(list(value.targetGroup, "target group ARNs", 0, 10), []),
  userData: z._default(choice("same", "none"), "same"),
  tags: z._default(value.ownTags(), {}),
  metadata: optional(
    map({
      tokens: optional(choice("same", "required", "optional")),
      hopLimit: optional(whole(1, 64)),
      tags: optional(choice("same", "enabled", "disabled")),
      endpoint: optional(choice("same", "enabled", "disabled")),
    }),
  ),
  capacityReservation: optional(value.capacityReservation),
  initializationRate: optional(whole(100, 300)),
  minimum: z._default(value.percent, "100%"),
  overrides: z._default(
    record(
      nameTag,
      map({
        instanceTypes: optional(list(value.instanceType, "instance types", 1, 10)),
        subnet: optional(value.subnet),
        address: optional(value.ipv4),
        securityGroups: optional(list(value.securityGroup, "security group ids", 1, 16)),
      }),
      "Name tags to { instanceTypes, subnet, address, securityGroups }",
    ),
    {},
  ),
});

const verify = map({
  http: optional(value.page),
  https: optional(value.page),
  tcp: optional(value.port),
  within: z._default(duration("30m"), "5m"),
  from: choice("targetGroup", "public", "ssm"),
  initialized: optional(flag()),
});

const kept = () => z._default(whole(0, 1_000), 0);
const keep = map({ hourly: kept(), daily: kept(), weekly: kept(), monthly: kept(), yearly: kept() });
/** What is kept when a plan does not say. */
export const keepDefault = { hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 0 };

/** One thing to protect, and how it is brought back. */
export const resource = map({
  name: value.name,
  kind: choice("instances"),
  select: map({
    tags: record(tagKey, tagValue, "tag keys to values").check(
      z.refine((tags) => Object.keys(tags).length > 0, { error: "at least one tag" }),
    ),
  }),
  exclude: optional(map({ volumes: list(value.device, "device names"), replace: optional(choice("empty")) })),
  every: scheduled(scheduleOf),
  keep: z._default(keep, keepDefault),
  keepSource: optional(keep),
  encrypt: optional(map({ key: value.key })),
  timeBased: z._default(flag(), false),
  lock: z._default(value.wholeDays(), "0d"),
  consistency: optional(
    map({ before: value.ssmDocument, after: value.ssmDocument, within: z._default(duration("10m"), "60s") }),
  ),
  launch,
  verify: optional(verify),
});
