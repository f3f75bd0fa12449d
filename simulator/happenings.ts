import type { Plan } from "../functions/core/plan.ts";
import { tellOfIssues } from "./health.ts";
import type { World } from "./kernel.ts";
import { aliasesOf, moveAlias } from "./kms.ts";
import type { ScenarioFault } from "./scenario.ts";
import { editZone } from "./zone-edit.ts";

type Happening = ScenarioFault extends infer F ? (F extends unknown ? Omit<F, "at" | "for"> : never) : never;

/** Does what a fault is, now that it begins; gives what its end undoes. Most faults are only asked for. */
export const happen = (world: World, plans: Plan[], fault: Happening): (() => void) => {
  if (fault.fault === "alias-moved")
    for (const alias of fault.alias ? [fault.alias] : aliasesOf(world, fault.region))
      moveAlias(world, fault.region, alias);
  if (fault.fault === "zone-edit") return editZone(world, plans, fault);
  if (fault.fault === "health-issue") return tellOfIssues(world, fault);
  if (fault.fault !== "witness" || fault.state !== "unhealthy") return () => {};
  const ends = plans
    .filter(({ application }) => fault.application === undefined || fault.application === application)
    .flatMap(({ detect }) => detect.witnesses)
    .flatMap((witness) =>
      witness.kind === "awsHealth" && witness.name === fault.name ? [tellOfIssues(world, witness)] : [],
    );
  return () => {
    for (const end of ends) end();
  };
};
