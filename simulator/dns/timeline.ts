/** The history of the DNS answers of a story. */

import type { World } from "../kernel.ts";
import { answersAt } from "./dns.ts";
import { route53Of } from "./zones.ts";

/** Time in ms; `values` = every distinct answer of the zone's name servers, so both sides while a change spreads. */
export type DnsMoment = { at: number; name: string; type: string; values: string[] };

/** Each time at which the zones' answers changed, from their creation until now, in order. */
export const dnsTimeline = (world: World): DnsMoment[] => {
  const { zones, checks } = route53Of(world);
  const moments: DnsMoment[] = [];
  for (const zone of zones.values()) {
    const recordTimes = zone.sets.flatMap(({ since }) => [
      since,
      ...zone.servers.map(({ recordDelay }) => since + recordDelay * 1_000),
    ]);
    const healthTimes = [...checks.values()].flatMap(({ healthy }) =>
      healthy.flatMap(({ since }) => zone.servers.map(({ healthDelay }) => since + healthDelay * 1_000)),
    );
    const times = [...new Set([...recordTimes, ...healthTimes].map(Math.ceil))].sort((a, b) => a - b);
    const questions = new Set(
      zone.sets.flatMap(({ value }) => value.map(({ Name = "", Type = "" }) => `${Name} ${Type}`)),
    );
    for (const question of questions) {
      const [name = "", type = ""] = question.split(" ");
      let last = "";
      for (const at of times.filter((time) => time <= world.now())) {
        const values = answersAt(world, name, type, at);
        if (values.join() === last) continue;
        last = values.join();
        moments.push({ at, name: name.slice(0, -1), type, values });
      }
    }
  }
  return moments.sort((a, b) => a.at - b.at);
};
