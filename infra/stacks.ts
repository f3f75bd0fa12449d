import type { Plan } from "../functions/core/plan.ts";
import { controller } from "./controller.ts";
import type { Fragment } from "./fragment.ts";
import { functions } from "./functions.ts";
import { planStack } from "./plan.ts";
import { sensor, sensorRegions } from "./sensor.ts";
import { takeoverSwitch } from "./switch.ts";

export type Stack = {
  role: "controller" | "plan" | "switch" | "sensor";
  region: string;
  /** CloudFormation's name of it. */
  stackName: string;
  functions: Record<string, unknown>;
  resources: Fragment;
};

/** Every stack of a plan, in the order in which they are deployed. */
export const stacksOf = (plan: Plan): Stack[] => {
  const { application, regions, traffic } = plan;
  const only = (role: Stack["role"], region: string, resources: Fragment): Stack => ({
    role,
    region,
    stackName: `lifeboat-${role}-${application}`,
    functions: {},
    resources,
  });
  const controllerIn = (region: string): Stack => ({
    role: "controller",
    region,
    stackName: "lifeboat-controller",
    functions: functions(),
    resources: controller(),
  });
  return [
    controllerIn(regions.recovery),
    controllerIn(regions.primary),
    ...(traffic?.switch === "takeover" && traffic.healthCheck === "create"
      ? [only("switch", regions.recovery, takeoverSwitch(plan))]
      : []),
    only("plan", regions.recovery, planStack(plan)),
    ...sensorRegions(plan).map((region) => only("sensor", region, sensor(plan, region))),
  ];
};
