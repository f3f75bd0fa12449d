/** What the recovery path needs of AWS, counted from the journal of a rehearsal. */

import { protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { CallRecord } from "../kernel.ts";
import { toScenario } from "../scenario/scenario.ts";
import { type NetRecord, netJournal } from "./dependencies-net.ts";
import { globalControlPlaneServices, type Plane, planeOf, questions } from "./dependencies-planes.ts";
import type { Story } from "./played-story.ts";
import { resultOf } from "./result.ts";
import { playStory } from "./story.ts";

/** What one path asks of one service in one Region; `calls` as counted in the rehearsal, attempts included. */
export type Dependency = Plane & {
  path: string;
  service: string;
  operation: string;
  region: string;
  calls: number;
  /** States that make the calls. */
  steps: string[];
  needed: boolean;
};

export type Dependencies = {
  simulated: true;
  seed: number;
  dependencies: Dependency[];
  /** How the failover ended with the primary Region dark, and with every global control plane dark beside it. */
  rehearsals: { name: string; outcome: string; error: string | null }[];
  problems: { message: string; hint: string }[];
  warnings: string[];
};

/** In the order in which they are reported. */
const paths = ["detect", "failover", "close", "guard", "sense", "replicate", "rotate"];
/** Paths that the recovery needs; the others are for good days. */
const recoveryPaths = ["detect", "failover"];
const pathOfStep: Record<string, string> = { Detect: "detect", Guard: "guard", Sense: "sense", Wake: "replicate" };

const dark = "primary-region-down";
const darker = `${dark}, every global control plane down`;
const seed = 1;

/** Rehearses the plan twice with its primary Region dark, and judges by the calls that were made what each path needs. */
export const dependenciesOf = async (plan: Plan): Promise<Dependencies> => {
  const plain = await rehearsed(plan, dark, false);
  const worst = await rehearsed(plan, darker, true);
  const dependencies = listed(plain, worst);
  const rehearsals = [plain, worst].map(({ story, name }) => {
    const { outcome, error } = resultOf(story);
    return { name, outcome, error: error && `${error.name}: ${error.message}` };
  });
  const accepted = plan.traffic?.acceptControlPlane === true;
  const needs = dependencies.filter(({ path, needed }) => needed && recoveryPaths.includes(path));
  const said = (sentences: string[], hint: string) => sentences.map((message) => ({ message, hint }));
  const primary = needs.filter(({ region, home }) => region === protectedOf(plan) && !home);
  const control = needs.filter(({ home }) => home && !accepted);
  const failed = rehearsals.filter(({ name, outcome }) => outcome !== "succeeded" && !(accepted && name === darker));
  const problems = [
    ...said(primary.map(inPrimary), "no plan may need this: please report it with the plan"),
    ...said(control.map(ofControlPlane), acceptIt),
    ...said(failed.map(endsBadly), "lifeboat rehearse PLAN shows the run with primary-region-down, state by state"),
  ];
  const warnings = accepted
    ? needs.filter(({ home }) => home).map((one) => `${ofControlPlane(one)}; the plan accepts that`)
    : [];
  return { simulated: true, seed, dependencies, rehearsals, problems, warnings };
};

type Rehearsed = { name: string; story: Story; succeeded: boolean };

/** A plan that only tells or asks people is started by one, who approves beforehand: the path is the same from there. */
const rehearsed = async (plan: Plan, name: string, darkest: boolean): Promise<Rehearsed> => {
  const faults = [
    { at: "0s", fault: "region-down", region: "primary" },
    ...(darkest ? [{ at: "0s", fault: "control-plane-down", services: globalControlPlaneServices }] : []),
  ];
  const scenario = toScenario({ name, faults }, name, plan);
  const run = plan.detect.action === "automatic" ? null : "failover";
  const story = await playStory({ plan, scenario, seed, run });
  return { name, story, succeeded: resultOf(story).outcome === "succeeded" };
};

const listed = (plain: Rehearsed, worst: Rehearsed): Dependency[] => {
  const groups = Map.groupBy(callsOf(plain.story), keyOf);
  const inTheDark = Map.groupBy(callsOf(worst.story), keyOf);
  for (const [key, calls] of inTheDark) if (!groups.has(key)) groups.set(key, calls);
  const calls = [...groups].map(([key, made]): Dependency => {
    const [path, service, operation, region] = key.split(separator) as [string, string, string, string];
    const steps = [...new Set(made.map(({ step }) => step))];
    const tried = inTheDark.get(key) ?? [];
    const unanswered = tried.length > 0 && tried.every(({ outcome }) => outcome !== "ok");
    const changedNothing = unanswered && worst.succeeded && recoveryPaths.includes(path);
    const needed = made.some(({ patience }) => patience !== "optional") && !changedNothing;
    return { path, service, operation, region, ...planeOf(service, operation), calls: made.length, steps, needed };
  });
  return [...calls, ...probesOf(worst.story)].sort(byPath);
};

/** Calls of a path with what they ask; of detect and of a failover only those since time 0, when the Region is dark. */
const callsOf = ({ world, zeroAt }: Story) =>
  world.journal.flatMap((call) => {
    const path = pathOf(call);
    if (!path || (recoveryPaths.includes(path) && Date.parse(call.at) < zeroAt)) return [];
    return [{ ...call, path }];
  });

const pathOf = ({ step, machine }: Pick<CallRecord, "step" | "machine">) => pathOfStep[step] ?? machine;
const separator = "\n";
const keyOf = ({ path, service, operation, region }: ReturnType<typeof callsOf>[number]) =>
  [path, service, operation, region].join(separator);

const probes: Record<NetRecord["kind"], { service: string; operation: string; region: string }> = {
  resolve: { service: "Route 53", operation: "DNS question", region: "global" },
  http: { service: "application", operation: "HTTP probe", region: "internet" },
  tcp: { service: "application", operation: "TCP probe", region: "internet" },
};

/** Questions to DNS and probes in the dark; needed where some were answered, for no answer is evidence, too. */
const probesOf = ({ world, zeroAt }: Story): Dependency[] => {
  const asked = netJournal(world).filter(({ at, step, machine }) => at >= zeroAt && pathOf({ step, machine }));
  return [...Map.groupBy(asked, (one) => [pathOf(one), one.kind].join(separator)).values()].map((made) => {
    const [first] = made as [NetRecord];
    const steps = [...new Set(made.map(({ step }) => step))];
    const needed = pathOf(first) === "failover" && made.some(({ ok }) => ok);
    return { path: pathOf(first), ...probes[first.kind], ...questions, calls: made.length, steps, needed };
  });
};

const byPath = (a: Dependency, b: Dependency) =>
  paths.indexOf(a.path) - paths.indexOf(b.path) ||
  Number(b.needed) - Number(a.needed) ||
  `${a.service} ${a.operation} ${a.region}`.localeCompare(`${b.service} ${b.operation} ${b.region}`);

const inPrimary = ({ path, service, operation, region, steps }: Dependency) =>
  `${path}: ${steps.join(", ")} needs ${service} ${operation} in ${region}, the Region that has failed`;

const ofControlPlane = ({ path, service, operation, home, steps }: Dependency) =>
  `${path}: ${steps.join(", ")} needs ${service} ${operation}, a global control plane in ${home}`;

const endsBadly = ({ name, outcome, error }: Dependencies["rehearsals"][number]) =>
  `failover: with ${name} it ends ${outcome}${error ? `: ${error}` : ""}`;

const acceptIt = "use the switch takeover or routing-control, or accept it with traffic.acceptControlPlane: true";
