import { own } from "./own.ts";
import type { Plan, Resource } from "./plan.ts";
import { toTraffic } from "./plan-build-traffic.ts";
import { toWitness } from "./plan-build-witness.ts";
import { healthTexts } from "./plan-health-text.ts";
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
  detect: toDetect(document),
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
const toDetect = ({ application, detect, traffic }: PlanDocument): Plan["detect"] => {
  const texts = healthTexts(application, detect?.witnesses, traffic);
  return {
    action: detect?.action ?? "notify",
    witnesses: (detect?.witnesses ?? []).map((given) =>
      toWitness(given, own(texts, given.name) ?? "", traffic?.zone ?? ""),
    ),
    verdict: {
      unhealthy: detect?.verdict.unhealthy ?? 1,
      regional: detect?.verdict.regional ?? 1,
      sustainedSeconds: secondsOf(detect?.verdict.sustained ?? "3m"),
    },
    armAfterHealthySeconds: secondsOf(detect?.armAfterHealthy ?? "10m"),
    blockSeconds: secondsOf(detect?.block ?? "1h"),
    maintenance: (detect?.maintenance ?? []).map((window) => ({
      cron: window.cron,
      forSeconds: secondsOf(window.for),
    })),
    approval: {
      withinSeconds: secondsOf(detect?.approval?.within ?? "30m"),
      otherwise: detect?.approval?.otherwise ?? "hold",
    },
  };
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
