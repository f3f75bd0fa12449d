import * as z from "zod/mini";
import { cronOf } from "../values/schedule.ts";
import {
  choice,
  duration,
  durationOrZero,
  healthCheckId,
  ipOrHost,
  list,
  map,
  name,
  nonEmpty,
  region,
  scheduled,
  text,
  url,
  whole,
} from "../values/values.ts";

const status = whole(100, 599);
const probe = map({
  url,
  connect: z.optional(ipOrHost),
  side: z._default(choice("primary", "recovery"), "primary"),
  expect: z.optional(
    z.union([status, list(status, "HTTP statuses from 100 to 599", 1, 20)], {
      error: "an HTTP status from 100 to 599, or a list of them",
    }),
  ),
  contains: z.optional(nonEmpty("the text that the body must hold, at most 256 characters")),
  from: z.optional(region),
});

/** As AWS Health writes it in `detail.service`. [AWS Health: EventBridge schema] */
const service = text("the code of a service as AWS Health writes it, such as EC2 or EBS", /^[A-Z][A-Z0-9_-]{0,63}$/);
/** A sensor is heard once a minute: with less than two reports missing, silence is a hiccup. */
const silentFor = duration("1h", "2m");

/** [SDK CloudWatch: AlarmName] */
const alarmName = text("the name of a CloudWatch alarm, at most 255 characters", /^[^\p{Cc}]{1,255}$/u);

const witness = z.union(
  [
    map({ name: name, alarm: alarmName, region: region }),
    map({ name: name, healthCheck: healthCheckId }),
    map({ name: name, probe }),
    map({ name: name, api: region }),
    map({ name: name, silence: region, after: silentFor }),
    map({ name: name, awsHealth: list(service, "service codes", 1, 20), region: region }),
  ],
  {
    error:
      "a witness: { name, alarm, region }, { name, healthCheck }, { name, probe: { url } }, { name, api }, { name, silence, after } or { name, awsHealth, region }",
  },
);

/** Who watches, and how many have to agree. */
export const detect = map({
  action: choice("notify", "approve", "automatic"),
  approval: z.optional(
    map({ within: z._default(duration("7d"), "30m"), otherwise: z._default(choice("hold", "act"), "hold") }),
  ),
  witnesses: list(witness, "witnesses", 1, 20),
  verdict: map({
    unhealthy: whole(1, 20),
    regional: z._default(whole(0, 20), 1),
    sustained: z._default(duration("1h"), "3m"),
  }),
  armAfterHealthy: z._default(duration("7d"), "10m"),
  block: z._default(durationOrZero(), "1h"),
  control: z.optional(region),
  maintenance: z._default(list(map({ cron: scheduled(cronOf), for: duration("7d") }), "windows { cron, for }"), []),
});
