import type { Plan } from "../model/plan.ts";
import { buildPlan } from "./build/plan.ts";
import { type PlanRefusal, refusalsOf, refusalWarnings } from "./refusals.ts";
import * as detection from "./rules/detect.ts";
import { namesAreUnique } from "./rules/names.ts";
import * as reach from "./rules/reach.ts";
import {
  allInRecoveryRegion,
  documentsInPrimaryRegion,
  partitionServed,
  partitionsOfArns,
  regionsDiffer,
  topicsInBothRegions,
} from "./rules/regions.ts";
import * as resources from "./rules/resources.ts";
import * as retention from "./rules/retention.ts";
import * as switching from "./rules/switch.ts";
import * as traffic from "./rules/traffic.ts";
import * as witnesses from "./rules/witness.ts";
import { draftOf, runRules } from "./schema/draft.ts";
import { planSchema } from "./schema/plan.ts";
import { isCovered, notSupportedYet, storedNotUsed } from "./unsupported.ts";
import { lostKeys, type PlanNote, type PlanPath, type PlanProblem, problemsOf } from "./values/problems.ts";

export type Compiled = {
  plan: Plan | null;
  problems: PlanProblem[];
  /** A plan with one can be rehearsed, and not be deployed. */
  refusals: PlanRefusal[];
  warnings: PlanNote[];
  notes: PlanNote[];
};

const rules = [
  partitionServed,
  regionsDiffer,
  reach.regionsExist,
  resources.somethingToMove,
  namesAreUnique,
  resources.wavesCoverResources,
  allInRecoveryRegion,
  topicsInBothRegions,
  documentsInPrimaryRegion,
  partitionsOfArns,
  reach.arnsOfOneAccount,
  retention.somethingIsKept,
  retention.lockFitsRetention,
  resources.selectionIsMeant,
  resources.verifyHasItsWay,
  resources.scheduleFitsRpo,
  resources.fenceCanBeProven,
  detection.quorumIsReachable,
  detection.regionalQuorumIsPossible,
  detection.controlIsElsewhere,
  detection.probesSeeTheirSide,
  detection.maintenanceEnds,
  detection.somebodyWatches,
  witnesses.witnessesSpeakOfPrimary,
  witnesses.probesAreWhole,
  witnesses.healthChecksCanBeRead,
  witnesses.witnessesAreApart,
  witnesses.alarmsFitAPattern,
  switching.switchFitsRecords,
  switching.routingControlsFit,
  switching.stepsFitPolicies,
  traffic.valuesFitRecords,
  traffic.recordsAreApart,
  reach.aliasesFitTheirZone,
  reach.aliasesHaveTargets,
  reach.addressesAreLaunched,
  reach.rtoCanBeMet,
];

/** Whether `path` lies at or below `base`: a missing part is no second mistake when it was there and refused. */
const isWithin = (path: PlanPath, base: PlanPath) => base.every((part, index) => part === path[index]);

/** Checks a document against schema and cross-field rules, all at once; the plan is null when anything is wrong. Never throws. */
export const compilePlan = (document: unknown): Compiled => {
  const checked = planSchema.safeParse(document, { reportInput: false });
  const later = notSupportedYet(document);
  const formal = problemsOf(checked.error?.issues ?? [], document).filter(({ path }) => !isCovered(later, path));
  const refused = [...formal, ...lostKeys(document, formal), ...later.map(({ problem }) => problem)];
  const leftOut = [...formal.map(({ path }) => path), ...later.map(({ covers }) => covers)];
  const ruled = runRules(rules, draftOf(document, leftOut));
  const isKnown = ({ path, at }: PlanProblem) => at === "parent" && leftOut.some((part) => isWithin(part, path));
  const problems = [...refused, ...ruled.problems.filter((problem) => !isKnown(problem))];
  const plan = checked.success && problems.length === 0 ? buildPlan(checked.data) : null;
  const warnings = [...ruled.warnings, ...(plan ? refusalWarnings(plan) : [])];
  return { plan, problems, refusals: plan ? refusalsOf(plan) : [], warnings, notes: storedNotUsed(document) };
};
