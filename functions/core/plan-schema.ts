import * as z from "zod/mini";
import { cronOf, scheduleOf } from "./plan-schedule.ts";
import * as value from "./plan-values.ts";

const { choice, duration, flag, list, map, record, whole } = value;
const optional = z.optional;

const scheduled = (read: typeof scheduleOf) =>
  value.anyText("a schedule").check(
    z.refine((text) => read(text).ok, {
      error: ({ input }) => {
        const schedule = read(String(input));
        return schedule.ok ? "a schedule" : schedule.because;
      },
    }),
  );

const witness = z.union(
  [
    map({ name: value.name, alarm: value.nonEmpty("the name of a CloudWatch alarm"), region: value.region }),
    map({
      name: value.name,
      probe: map({
        url: value.text("a URL such as https://shop.example.com/healthz", /^https?:\/\/[^\s/?#@]+([/?][^\s]*)?$/),
        connect: optional(
          z.string({ error: "an IP address or a host name" }).check(
            z.refine((text) => value.isIpv4(text) || value.isIpv6(text) || value.isHostName(text), {
              error: "an IP address or a host name",
            }),
          ),
        ),
        side: z._default(choice("primary", "recovery"), "primary"),
      }),
    }),
    map({ name: value.name, api: value.region }),
  ],
  { error: "a witness: { name, alarm, region }, { name, probe: { url } } or { name, api }" },
);

const detect = map({
  action: choice("notify", "automatic"),
  approval: optional(map({ within: duration("7d"), otherwise: choice("hold", "act") })),
  witnesses: list(witness, "witnesses", 1, 20),
  verdict: map({
    unhealthy: whole(1, 20),
    regional: z._default(whole(0, 20), 1),
    sustained: z._default(duration("1h"), "3m"),
  }),
  armAfterHealthy: z._default(duration("7d"), "10m"),
  block: z._default(value.durationOrZero(), "1h"),
  maintenance: z._default(list(map({ cron: scheduled(cronOf), for: duration("7d") }), "windows { cron, for }"), []),
});

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
  tags: z._default(
    record(
      value.text("the key of a tag, not beginning with aws: or lifeboat:", /^(?!aws:|lifeboat:)[^\p{Cc}]{1,128}$/u),
      tagValue,
      "tag keys to values",
    ),
    {},
  ),
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
  http: value
    .text("a port and a path such as :8080/healthz", /^:[1-9]\d{0,4}(\/\S*)?$/)
    .check(z.refine((text) => Number.parseInt(text.slice(1), 10) < 65_536, { error: "a port from 1 to 65535" })),
  within: z._default(duration("30m"), "5m"),
  from: choice("targetGroup", "public", "ssm"),
});

const kept = () => z._default(whole(0, 1_000), 0);
const keepDefault = { hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 0 };

const resource = map({
  name: value.name,
  kind: choice("instances"),
  select: map({
    tags: record(tagKey, tagValue, "tag keys to values").check(
      z.refine((tags) => Object.keys(tags).length > 0, { error: "at least one tag" }),
    ),
  }),
  exclude: optional(map({ volumes: list(value.device, "device names") })),
  every: scheduled(scheduleOf),
  keep: z._default(
    map({ hourly: kept(), daily: kept(), weekly: kept(), monthly: kept(), yearly: kept() }),
    keepDefault,
  ),
  encrypt: optional(map({ key: value.key })),
  timeBased: z._default(flag(), false),
  lock: z._default(value.durationOrZero(), "0d"),
  launch,
  verify: optional(verify),
});

const recover = map({
  waves: optional(list(list(value.name, "resource names", 1), "waves", 0, 20)),
  fence: z._default(choice("required", "best-effort"), "best-effort"),
  fenceFirst: z._default(flag(), false),
  onFailure: z._default(choice("hold", "unfence"), "hold"),
  lossBudget: optional(duration()),
});

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
  setIdentifiers: optional(
    map({ primary: value.nonEmpty("a set identifier"), recovery: value.nonEmpty("a set identifier") }),
  ),
  zone: optional(value.hostedZone),
});

const traffic = map({
  switch: choice("takeover", "records"),
  healthCheck: z._default(value.healthCheck, "create"),
  acceptControlPlane: z._default(flag(), false),
  allowHealthInputs: z._default(flag(), false),
  zone: value.hostedZone,
  records: list(trafficRecord, "records", 1),
});

const reasons = ["decision", "hold", "done", "rpo"] as const;

/** The plan as its author writes it (docs/plan.md). Source of the check, of the compiled plan and of the JSON Schema. */
export const planSchema = map({
  version: z.literal(1, { error: "1" }),
  application: value.name,
  priority: z._default(whole(1, 1_000), 5),
  regions: map({ primary: value.region, recovery: value.region }),
  objectives: map({ rpo: duration(), rto: duration() }),
  detect: optional(detect),
  protect: list(resource, "resources", 0, 50),
  recover: optional(recover),
  traffic: optional(traffic),
  notify: optional(
    map({
      topics: list(value.topic, "topic ARNs", 0, 10),
      on: z._default(list(choice(...reasons), "reasons", 0, 4), [...reasons]),
    }),
  ),
});

export type PlanDocument = z.output<typeof planSchema>;

/** JSON Schema (2020-12) of a plan, for editors. */
export const planJsonSchema = () => ({ title: "Lifeboat plan", ...z.toJSONSchema(planSchema, { io: "input" }) });
