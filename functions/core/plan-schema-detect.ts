import * as z from "zod/mini";
import { cronOf } from "./plan-schedule.ts";
import {
  choice,
  duration,
  durationOrZero,
  ipOrHost,
  list,
  map,
  name,
  nonEmpty,
  region,
  scheduled,
  url,
  whole,
} from "./plan-values.ts";

const witness = z.union(
  [
    map({ name: name, alarm: nonEmpty("the name of a CloudWatch alarm"), region: region }),
    map({
      name: name,
      probe: map({
        url,
        connect: z.optional(ipOrHost),
        side: z._default(choice("primary", "recovery"), "primary"),
      }),
    }),
    map({ name: name, api: region }),
  ],
  { error: "a witness: { name, alarm, region }, { name, probe: { url } } or { name, api }" },
);

/** Who watches, and how many have to agree. */
export const detect = map({
  action: choice("notify", "automatic"),
  approval: z.optional(map({ within: duration("7d"), otherwise: choice("hold", "act") })),
  witnesses: list(witness, "witnesses", 1, 20),
  verdict: map({
    unhealthy: whole(1, 20),
    regional: z._default(whole(0, 20), 1),
    sustained: z._default(duration("1h"), "3m"),
  }),
  armAfterHealthy: z._default(duration("7d"), "10m"),
  block: z._default(durationOrZero(), "1h"),
  maintenance: z._default(list(map({ cron: scheduled(cronOf), for: duration("7d") }), "windows { cron, for }"), []),
});
