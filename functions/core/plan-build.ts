import type { Plan, RecordValue, Resource, Traffic, TrafficRecord, Witness } from "./plan.ts";
import { scheduleOf } from "./plan-schedule.ts";
import type { PlanDocument } from "./plan-schema.ts";
import { secondsOf } from "./plan-values.ts";

/** The plan of a document that was found good: defaults that depend on other parts filled in, units made plain. */
export const buildPlan = (document: PlanDocument): Plan => ({
  version: 1,
  application: document.application,
  priority: document.priority,
  regions: document.regions,
  objectives: { rpoSeconds: secondsOf(document.objectives.rpo), rtoSeconds: secondsOf(document.objectives.rto) },
  detect: toDetect(document.detect),
  protect: document.protect.map(toResource),
  recover: {
    waves: document.recover?.waves ?? (document.protect.length ? [document.protect.map(({ name }) => name)] : []),
    fence: document.recover?.fence ?? "best-effort",
    fenceFirst: document.recover?.fenceFirst ?? false,
    onFailure: document.recover?.onFailure ?? "hold",
    lossBudgetSeconds: secondsOf(document.recover?.lossBudget ?? document.objectives.rpo),
  },
  traffic: document.traffic ? toTraffic(document.traffic) : null,
  notify: document.notify ?? { topics: [], on: ["decision", "hold", "done", "rpo"] },
});

/** Without a `detect` nothing watches: no witness, so never a verdict. */
const toDetect = (detect: PlanDocument["detect"]): Plan["detect"] => ({
  action: detect?.action ?? "notify",
  witnesses: (detect?.witnesses ?? []).map(toWitness),
  verdict: {
    unhealthy: detect?.verdict.unhealthy ?? 1,
    regional: detect?.verdict.regional ?? 1,
    sustainedSeconds: secondsOf(detect?.verdict.sustained ?? "3m"),
  },
  armAfterHealthySeconds: secondsOf(detect?.armAfterHealthy ?? "10m"),
  blockSeconds: secondsOf(detect?.block ?? "1h"),
  maintenance: (detect?.maintenance ?? []).map((window) => ({ cron: window.cron, forSeconds: secondsOf(window.for) })),
  approval: {
    withinSeconds: secondsOf(detect?.approval?.within ?? "30m"),
    otherwise: detect?.approval?.otherwise ?? "hold",
  },
});

const toWitness = (witness: NonNullable<PlanDocument["detect"]>["witnesses"][number]): Witness => {
  const { name } = witness;
  if ("alarm" in witness) return { name, kind: "alarm", alarm: witness.alarm, region: witness.region };
  if ("api" in witness) return { name, kind: "api", region: witness.api };
  const { url, connect, side } = witness.probe;
  return { name, kind: "probe", url, connect: connect ?? null, side, expect: [], contains: null, from: null };
};

type ResourceDocument = PlanDocument["protect"][number];

const toResource = (given: ResourceDocument): Resource => {
  const schedule = scheduleOf(given.every);
  return {
    name: given.name,
    kind: "instances",
    select: given.select,
    exclude: given.exclude ?? { volumes: [] },
    every: given.every,
    everySeconds: schedule.ok ? schedule.shortestSeconds : 0,
    keep: given.keep,
    keepSource: given.keepSource ?? null,
    encryptKey: given.encrypt?.key ?? null,
    timeBased: given.timeBased,
    lockSeconds: secondsOf(given.lock),
    consistency: given.consistency
      ? {
          before: given.consistency.before,
          after: given.consistency.after,
          withinSeconds: secondsOf(given.consistency.within),
        }
      : null,
    launch: toLaunch(given.launch),
    verify: given.verify ? toVerify(given.verify) : null,
  };
};

const toLaunch = ({ subnets, drillSubnets, minimum, overrides, ...same }: ResourceDocument["launch"]) => ({
  ...same,
  subnets: lists(subnets),
  drillSubnets: lists(drillSubnets ?? {}),
  minimumPercent: Number.parseInt(minimum, 10),
  overrides: Object.fromEntries(Object.entries(overrides).map(([server, over]) => [server, withoutGaps(over)])),
});

const lists = (zones: Record<string, string | string[]>) =>
  Object.fromEntries(Object.entries(zones).map(([zone, subnets]) => [zone, [subnets].flat()]));

const withoutGaps = (over: ResourceDocument["launch"]["overrides"][string]) =>
  Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined));

const toVerify = ({ http, within, from }: NonNullable<ResourceDocument["verify"]>) => {
  const [, port, path] = /^:(\d+)(.*)$/.exec(http) ?? [];
  return { http: { port: Number(port), path: path || "/" }, withinSeconds: secondsOf(within), from };
};

const toTraffic = (given: NonNullable<PlanDocument["traffic"]>): Traffic => ({
  switch: given.switch,
  cluster: null,
  healthCheck: given.healthCheck,
  acceptControlPlane: given.acceptControlPlane,
  allowHealthInputs: given.allowHealthInputs,
  zone: given.zone,
  records: given.records.map(
    (record): TrafficRecord => ({
      name: record.name.toLowerCase().replace(/\.$/, ""),
      type: record.type,
      policy: record.policy,
      ttlSeconds: record.ttl,
      primary: toValue(record.primary),
      recovery: toValue(record.recovery),
      setIdentifiers: record.setIdentifiers ?? { primary: "primary", recovery: "recovery" },
      zone: record.zone ?? given.zone,
      private: false,
      steps: [100],
      gateSeconds: 0,
      routingControls: null,
    }),
  ),
});

const toValue = (given: NonNullable<PlanDocument["traffic"]>["records"][number]["primary"]): RecordValue => {
  if (Array.isArray(given)) return { addresses: given };
  if (typeof given !== "string") return given;
  return given.startsWith("launched:") ? { launched: given.slice(9) } : { addresses: [given] };
};
