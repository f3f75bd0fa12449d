import type { Plan } from "../../functions/core/model/plan.ts";
import { takeoverMetric } from "../../functions/core/names.ts";
import { editZone } from "../dns/zone-edit.ts";
import type { World } from "../kernel.ts";
import { publish } from "../services/cloudwatch.ts";
import { tellOfIssues } from "../services/health.ts";
import { aliasesOf, moveAlias } from "../services/kms.ts";
import { deleteCopies, deleteGroups } from "./deletions.ts";
import type { ScenarioFault } from "./schema.ts";

type FaultWithoutTimes = ScenarioFault extends infer F ? (F extends unknown ? Omit<F, "at" | "for"> : never) : never;

/** Does what a fault is, now that it begins; gives what its end undoes. Most faults are only asked for. */
export const applyFault = (world: World, plans: Plan[], fault: FaultWithoutTimes): (() => void) => {
  if (fault.fault === "alias-moved")
    for (const alias of fault.alias ? [fault.alias] : aliasesOf(world, fault.region))
      moveAlias(world, fault.region, alias);
  const [plan] = plans as [Plan];
  if (fault.fault === "copies-deleted") deleteCopies(world, plan, fault.newest);
  if (fault.fault === "group-deleted") deleteGroups(world, plan);
  if (fault.fault === "forged-metric") return forge(world, plan, fault.value);
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

/** Somebody who may write metrics writes the switch's own, once a minute. [IAM: PutMetricData has no resource] */
const forge = (world: World, { application, regions: { recovery } }: Plan, value: number) => {
  const { namespace: Namespace, name: MetricName, dimension: Name } = takeoverMetric;
  const metric = { Namespace, MetricName, Dimensions: [{ Name, Value: application }] };
  let over = false;
  const write = () => {
    if (over) return;
    if (!world.faults.isRegionDown(recovery, world.now())) publish(world, recovery, metric, { at: world.now(), value });
    world.after(60, write);
  };
  write();
  return () => {
    over = true;
  };
};
