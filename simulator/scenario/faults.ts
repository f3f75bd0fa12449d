/** Answers what the simulated services ask about the active faults. */

import type { Call } from "../../functions/aws/calls/clients.ts";
import type { Random } from "../random.ts";
import { globalControlPlaneServices } from "../story/dependencies-planes.ts";
import {
  type CallFault,
  denialOf,
  lacks,
  launches,
  manners,
  pending,
  serverErrors,
  throttleOf,
  unavailable,
} from "./call-faults.ts";
import type { BrownOut, Fault, KeyFault, Of, Where } from "./fault.ts";

/** Most copies at once per destination Region. [EBS:ebs-copy-snapshot] */
const copySlots = 20;

/** The faults of one simulated run, and the questions that the simulated services ask. The list may grow meanwhile. */
export const createFaults = (list: readonly Fault[] = []) => {
  const answered = new Map<Fault, number>();
  const lost = new Map<Fault, Set<string>>();
  const of = <F extends Fault["fault"]>(fault: F, now: number) =>
    list.filter((entry): entry is Of<F> => entry.fault === fault && entry.from <= now && now < entry.until);

  const outageOf = (region: string, now: number) => of("region-down", now).find((entry) => entry.region === region);
  const isCut = (from: string | null, to: string, now: number) =>
    of("link-down", now).some(
      ({ caller, callee, both }) =>
        (caller === from && callee === to) || (both === true && callee === from && caller === to),
    );
  const brownOut = (service: string, region: string, now: number): BrownOut | null =>
    of("brown-out", now).find(
      (one) =>
        one.services.includes(service) &&
        (one.region === undefined || one.region === region || globalControlPlaneServices.includes(service)),
    )?.error ?? null;
  const hits = (now: number, call: Call, fault: "throttle" | "lost-response", random: Random) =>
    of(fault, now).some((entry) => matches(entry, call) && random.chance(entry.rate));

  const errorOf = (now: number, call: Call, random: Random): CallFault | null => {
    for (const entry of of("api-error", now)) {
      const times = answered.get(entry) ?? 0;
      if (!matches(entry, call) || (entry.count !== undefined && times >= entry.count)) continue;
      if (!random.chance(entry.rate ?? 1)) continue;
      answered.set(entry, times + 1);
      const status = entry.status ?? (serverErrors.test(entry.error) ? 500 : 400);
      return { kind: "answer", name: entry.error, message: `${entry.error} (drawn by the scenario)`, status };
    }
    return null;
  };

  return {
    list,
    isRegionDown: (region: string, now: number) => outageOf(region, now) !== undefined,

    /** When the Region answers again (ms), `now` when it does; Infinity when never. */
    regionUpAt(region: string, now: number): number {
      const outage = outageOf(region, now);
      return outage ? this.regionUpAt(region, outage.until) : now;
    },

    /** Whether the Region was dark at any time within [from, until] (ms). */
    wasDown: (region: string, from: number, until: number) =>
      list.some(
        (entry) =>
          entry.fault === "region-down" && entry.region === region && entry.from <= until && entry.until > from,
      ),

    /** Whether calls and probes from one Region to another get no answer; `from` null: from outside of every Region. */
    isCut,

    /** When what goes from one Region to another arrives again (ms), `now` when it does; Infinity when never. */
    linkUpAt(from: string, to: string, now: number): number {
      if (!isCut(from, to, now)) return now;
      const ends = of("link-down", now).map(({ until }) => until);
      return this.linkUpAt(from, to, Math.min(...ends));
    },

    /** How long the link between two Regions was cut, either way, within [from, until] (ms). */
    cutMs(one: string, other: string, from: number, until: number): number {
      let [cut, at] = [0, from];
      const spans = list.flatMap((entry) => {
        const isBetween = (a: string, b: string) =>
          entry.fault === "link-down" && entry.caller === a && entry.callee === b;
        return isBetween(one, other) || isBetween(other, one) ? [entry] : [];
      });
      for (const span of spans.sort((a, b) => a.from - b.from)) {
        const [begins, ends] = [Math.max(at, span.from), Math.min(until, span.until)];
        cut += Math.max(0, ends - begins);
        at = Math.max(at, ends);
      }
      return cut;
    },

    /** What calls of a service in a Region meet while it browns out; of a global service in any Region. Null: nothing. */
    brownOut,

    /**
     * The fault that keeps a call from its effect, or null. A dark Region is silent, refuses or answers 503, by the seed;
     * over a cut link nothing answers. `from`: the caller's Region, null outside of every Region.
     */
    beforeCall(call: Call, now: number, random: Random, from: string | null = null): CallFault | null {
      if (isCut(from, call.region, now)) return { kind: "silence" };
      const outage = outageOf(call.region, now);
      if (outage) return manners[Math.floor(random.fork(`outage ${call.region} ${outage.from}`).next() * 3)]!;
      if (of("control-plane-down", now).some(({ services }) => services.includes(call.service)))
        return {
          kind: "answer",
          name: "ServiceUnavailable",
          message: `The control plane of ${call.service} does not answer.`,
          status: 503,
        };
      const browned = brownOut(call.service, call.region, now);
      if (browned) return browned === "throttled" ? throttleOf(call.service) : unavailable;
      if (of("right-missing", now).some((one) => lacks(one, call))) return denialOf(call);
      if (hits(now, call, "throttle", random)) return throttleOf(call.service);
      if (launches(call) && of("verification-pending", now).some(({ region }) => region === call.region))
        return pending;
      return errorOf(now, call, random);
    },

    /** The fault that loses the answer of a call that had its effect, or null. */
    afterCall(call: Call, now: number, random: Random): CallFault | null {
      if (!hits(now, call, "lost-response", random)) return null;
      return { kind: "socket", code: "ECONNRESET", message: "socket hang up" };
    },

    /** By how much copies that begin now are slower than usual. */
    copyFactor: (now: number) => of("slow-copy", now).reduce((factor, entry) => factor * entry.factor, 1),
    copyErrorRate: (now: number) => Math.max(0, ...of("copy-error", now).map(({ rate }) => rate)),
    copySlots: (now: number) => Math.min(copySlots, ...of("copy-quota", now).map(({ limit }) => limit)),

    snapshotErrorRate: (now: number) => Math.max(0, ...of("snapshot-error", now).map(({ rate }) => rate)),

    /** Does an instance that is about to be snapshotted lose a volume? Each instance at most once. */
    losesVolume(instance: string, volumes: number, now: number): boolean {
      if (volumes < 2) return false;
      const entry = of("volume-deleted", now).find((one) => {
        const hurt = lost.get(one);
        return !hurt?.has(instance) && (hurt?.size ?? 0) < (one.count ?? 1);
      });
      if (!entry) return false;
      lost.set(entry, (lost.get(entry) ?? new Set()).add(instance));
      return true;
    },

    /** Whether a key with one of these names is hurt; a fault without a key hurts every one of its Region. */
    hasKeyFault: (fault: KeyFault, region: string, names: string[], now: number) =>
      (of(fault, now) as Of<KeyFault>[]).some(
        (entry) => entry.region === region && (entry.key === undefined || names.includes(entry.key)),
      ),

    /** What the other users of the account leave of each EC2 token bucket. */
    bucketShare: (now: number) => Math.min(1, ...of("token-buckets", now).map(({ share }) => share)),

    hasCapacity: (type: string, zone: string, now: number) =>
      !of("no-capacity", now).some((entry) => isOneOf(type, entry.types) && isOneOf(zone, entry.zones)),

    isStopProtected: (now: number, random: Random) => of("stop-protected", now).some(({ rate }) => random.chance(rate)),
    /** How much longer a server that is stopped now stays in `stopping`, seconds. */
    slowShutdownSeconds: (now: number) => of("slow-shutdown", now).reduce((sum, { by }) => sum + by, 0),

    /** Delays (seconds) with which one event arrives: none = lost, two = twice. */
    deliveriesOf(now: number, random: Random): number[] {
      if (of("lost-events", now).some(({ rate }) => random.chance(rate))) return [];
      const late = of("late-events", now).reduce((sum, { by }) => sum + by, 0);
      const once = late + random.between(0.2, 2);
      const twice = of("duplicate-events", now).some(({ rate }) => random.chance(rate ?? 1));
      return twice ? [once, once + random.between(0, 5)] : [once];
    },

    crashes: (now: number) => of("lambda-crash", now),
    /** What the scenario makes a witness see; without `application` the witnesses of that name in every plan. */
    witness: (name: string, now: number, application?: string) =>
      of("witness", now).find(
        (entry) => entry.name === name && (!entry.application || !application || entry.application === application),
      )?.state ?? null,

    /** By how much the clocks of a Region's functions are wrong, seconds. */
    skewSeconds: (region: string, now: number) =>
      of("clock-skew", now).reduce((sum, entry) => sum + (entry.region === region ? entry.by : 0), 0),
  };
};

export type Faults = ReturnType<typeof createFaults>;

const isOneOf = (value: string, list: string[] = []) => list.length === 0 || list.includes(value);

const matches = ({ operation = "*", region }: Where, call: Call) =>
  (region === undefined || region === call.region) &&
  ["*", call.operation, `${call.service}.${call.operation}`, `${call.service}.*`].includes(operation);
