import { sensorRegions } from "../functions/core/detect/sensors.ts";
import { homeOf, protectedOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { controller } from "./controller.ts";
import type { Fragment } from "./fragment.ts";
import { functions, type Options } from "./functions.ts";
import { type Scope, scopeOf } from "./iam/scope.ts";
import { planStack } from "./plan.ts";
import { sensor } from "./sensor.ts";
import { sensorFunctions } from "./sensor-functions.ts";
import { switches } from "./switch.ts";

export type Stack = {
  role: "controller" | "plan" | "switch" | "sensor";
  region: string;
  /** CloudFormation's name of it. */
  stackName: string;
  functions: ReturnType<typeof functions>;
  resources: Fragment;
};

/** What the roles of the controller of a Region may touch: more than one plan where it serves several. */
export type ScopeIn = (region: string) => Scope;

/** Types of all that the stacks make, the functions and buckets included that osls makes of them. */
export const resourceTypesOf = (stacks: Stack[]): string[] => {
  const own = stacks.flatMap(({ resources }) => Object.values(resources.Resources).map(({ Type }) => Type));
  return [...new Set([...own, "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::Bucket"])].sort();
};

/** Every stack of a plan, in the order in which they are deployed. */
export const stacksOf = (
  plan: Plan,
  options: Options = { approvalPage: false },
  scopeIn: ScopeIn = () => scopeOf(plan),
): Stack[] => {
  const { application, regions } = plan;
  const only = (role: Stack["role"], region: string, resources: Fragment, of: Stack["functions"] = {}): Stack => ({
    role,
    region,
    stackName: `lifeboat-${role}-${application}`,
    functions: of,
    resources,
  });
  const controllerIn = (region: string): Stack => ({
    role: "controller",
    region,
    stackName: "lifeboat-controller",
    functions: functions(options),
    resources: controller({ ...options, scope: scopeIn(region) }),
  });
  const switched = switches(plan);
  return [
    controllerIn(homeOf({ regions })),
    controllerIn(protectedOf({ regions })),
    ...(switched ? [only("switch", homeOf({ regions }), switched)] : []),
    only("plan", homeOf({ regions }), planStack(plan)),
    ...sensorRegions(plan).map((region) => only("sensor", region, sensor(plan, region), sensorFunctions(plan, region))),
  ];
};
