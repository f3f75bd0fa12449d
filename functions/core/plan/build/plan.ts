import { defaultControl } from "../../detect/control.ts";
import type { Page, Plan, Resource, Verify } from "../../model/plan.ts";
import { own } from "../../own.ts";
import { healthTexts } from "../schema/health-text.ts";
import type { PlanDocument } from "../schema/plan.ts";
import { scheduleOf } from "../values/schedule.ts";
import { secondsOf } from "../values/values.ts";
import { toTraffic } from "./traffic.ts";
import { toWitness } from "./witness.ts";

/** The plan of a document that was found good: defaults that depend on other parts filled in, units made plain. */
export const buildPlan = (document: PlanDocument): Plan => ({
  version: 1,
  application: document.application,
  priority: document.priority,
  ...(document.timeZone && { timeZone: document.timeZone }),
  regions: document.regions,
  objectives: { rpoSeconds: secondsOf(document.objectives.rpo), rtoSeconds: secondsOf(document.objectives.rto) },
  detect: toDetect(document),
  protect: document.protect.map((given) => toResource(given, document)),
  recover: {
    waves: document.recover?.waves ?? (document.protect.length ? [document.protect.map(({ name }) => name)] : []),
    fence: document.recover?.fence ?? "best-effort",
    boot: document.recover?.boot ?? "inOrder",
    fenceFirst: document.recover?.fenceFirst ?? false,
    onFailure: document.recover?.onFailure ?? "hold",
    lossBudgetSeconds: secondsOf(document.recover?.lossBudget ?? document.objectives.rpo),
  },
  traffic: document.traffic ? toTraffic(document.traffic) : null,
  notify: document.notify ?? { topics: [], on: ["decision", "hold", "done", "rpo"] },
});

/** Without a `detect` nothing watches: no witness, so never a verdict. */
const toDetect = ({ application, timeZone, detect, regions, traffic }: PlanDocument): Plan["detect"] => {
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
    control: detect?.control ?? defaultControl(regions),
    maintenance: (detect?.maintenance ?? []).map((window) => ({
      cron: window.cron,
      forSeconds: secondsOf(window.for),
      ...(timeZone && { timeZone }),
    })),
    approval: {
      withinSeconds: secondsOf(detect?.approval?.within ?? "30m"),
      otherwise: detect?.approval?.otherwise ?? "hold",
    },
  };
};

type ResourceDocument = PlanDocument["protect"][number];

const toResource = (given: ResourceDocument, { timeZone, tags }: PlanDocument): Resource => {
  const schedule = scheduleOf(given.every, timeZone);
  return {
    name: given.name,
    kind: "instances",
    select: given.select,
    exclude: withoutGaps(given.exclude ?? { volumes: [] }),
    every: given.every,
    everySeconds: schedule.ok ? schedule.shortestSeconds : 0,
    keep: given.keep,
    keepSource: given.keepSource ?? null,
    encryptKey: given.encrypt?.key ?? null,
    timeBased: given.timeBased,
    ...(tags && { tags }),
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

const toLaunch = (given: ResourceDocument["launch"]): Resource["launch"] => {
  const { subnets, drillSubnets, minimum, overrides, metadata, ...same } = given;
  const changed = Object.fromEntries(Object.entries(metadata ?? {}).filter(([, value]) => value !== "same"));
  return {
    ...withoutGaps(same),
    subnets: lists(subnets),
    drillSubnets: lists(drillSubnets ?? {}),
    minimumPercent: Number.parseInt(minimum, 10),
    overrides: Object.fromEntries(Object.entries(overrides).map(([server, over]) => [server, withoutGaps(over)])),
    ...(Object.keys(changed).length > 0 && { metadata: withoutGaps(changed) }),
  };
};

const lists = (zones: Record<string, string | string[]>) =>
  Object.fromEntries(Object.entries(zones).map(([zone, subnets]) => [zone, [subnets].flat()]));

/** A plan is stored, and compared: what was not given is not there. */
const withoutGaps = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

const toVerify = ({
  http,
  https,
  tcp,
  within,
  from,
  initialized,
}: NonNullable<ResourceDocument["verify"]>): Verify => ({
  ...(http && { http: toPage(http) }),
  ...(https && { https: toPage(https) }),
  ...(tcp && { tcp: { port: Number(tcp.slice(1)) } }),
  withinSeconds: secondsOf(within),
  from,
  ...(initialized && { initialized }),
});

const toPage = (given: string): Page => {
  const [, port, path] = /^:(\d+)(.*)$/.exec(given) ?? [];
  return { port: Number(port), path: path || "/" };
};
