/** Application Recovery Controller: clusters, routing controls and safety rules. */

import type {
  GetRoutingControlStateRequest,
  UpdateRoutingControlStatesRequest,
} from "@aws-sdk/client-route53-recovery-cluster";
import type { Plan } from "../../functions/core/model/plan.ts";
import { expectedStates } from "../../functions/core/traffic/routing-control.ts";
import { drawn } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import { AwsError, type Operation, type World } from "../kernel.ts";
import { append, createCheck, route53Of } from "./zones.ts";

type State = "On" | "Off";
/** `atLeast` of these controls stay On: an assertion rule. [SDK route53-recovery-control-config: RuleConfig] */
type SafetyRule = { name: string; controls: string[]; atLeast: number };
type Cluster = { endpoints: Set<string>; states: Map<string, State>; rules: SafetyRule[] };

const clusterOf = (world: World) =>
  world.region<Cluster>("ARC", "global", () => ({ endpoints: new Set(), states: new Map(), rules: [] }));

/** The data plane of an ARC cluster: five endpoints that agree with each other by a majority. */
export const routingControl: Record<string, Operation> = {
  GetRoutingControlState: (input: GetRoutingControlStateRequest, { world, region }) => {
    const cluster = reachable(world, region, 1);
    const RoutingControlArn = input.RoutingControlArn ?? "";
    return { RoutingControlArn, RoutingControlState: stateOf(cluster, RoutingControlArn) };
  },

  UpdateRoutingControlStates: (input: UpdateRoutingControlStatesRequest, { world, region }) => {
    const cluster = reachable(world, region, 3);
    const wanted = (input.UpdateRoutingControlStateEntries ?? []).map((entry) => {
      stateOf(cluster, entry.RoutingControlArn ?? "");
      return [entry.RoutingControlArn ?? "", entry.RoutingControlState as State] as const;
    });
    const after = new Map([...cluster.states, ...wanted]);
    const broken = cluster.rules
      .filter(({ name }) => !input.SafetyRulesToOverride?.includes(name))
      .find(({ controls, atLeast }) => controls.filter((one) => after.get(one) === "On").length < atLeast);
    if (broken)
      throw new AwsError("ConflictException", `the safety rule ${broken.name} would be violated by this request`, 409);
    for (const [control, state] of wanted) turn(world, control, state);
    return {};
  },
};

/** A write needs a majority of the endpoints. */
const reachable = (world: World, region: string, needed: number): Cluster => {
  const cluster = clusterOf(world);
  if (!cluster.endpoints.has(region))
    throw new Error(`simulator/dns/routing-control.ts: the cluster has no endpoint in ${region}`);
  const up = [...cluster.endpoints].filter((one) => !world.faults.isRegionDown(one, world.now()));
  if (up.length < Math.min(needed, cluster.endpoints.size))
    throw new AwsError("EndpointTemporarilyUnavailableException", "The cluster endpoint isn't available", 503);
  return cluster;
};

const stateOf = ({ states }: Cluster, control: string): State => {
  const state = states.get(control);
  if (!state) throw new AwsError("ResourceNotFoundException", `no routing control ${control}`, 404);
  return state;
};

/** The RECOVERY_CONTROL check of a control follows its state after a moment: healthy = On. */
const turn = (world: World, control: string, state: State) => {
  clusterOf(world).states.set(control, state);
  const checks = [...route53Of(world).checks.values()].filter(({ config }) => config.RoutingControlArn === control);
  for (const check of checks)
    world.after(controlDelay(world, control), () => append(check.healthy, world.now(), state === "On"));
};

export const controlDelay = (world: World, control: string) =>
  drawn(world.random.fork(`routing control ${control}`), trafficSeconds.routingControl);

/** Id of the check that follows a control. */
export const controlCheckId = (control: string) => `check-${control.split("/").at(-1)}`;

/** The cluster of a plan, its controls with the primary's On, their checks, and a rule that one of each pair stays On. */
export const populateControls = (world: World, { traffic }: Plan) => {
  if (traffic?.switch !== "routing-control") return;
  const cluster = clusterOf(world);
  for (const { region } of traffic.cluster?.endpoints ?? []) cluster.endpoints.add(region);
  for (const { control, state } of expectedStates(traffic, "primary")) {
    cluster.states.set(control, state);
    createCheck(
      world,
      controlCheckId(control),
      { Type: "RECOVERY_CONTROL", RoutingControlArn: control },
      state === "On",
    );
  }
  for (const { routingControls } of traffic.records)
    if (routingControls) addSafetyRule(world, { controls: Object.values(routingControls), atLeast: 1 });
};

/** One more assertion rule of the cluster. */
export const addSafetyRule = (world: World, rule: Omit<SafetyRule, "name">) => {
  const { rules } = clusterOf(world);
  rules.push({ ...rule, name: `arn:aws:route53-recovery-control::111122223333:safetyrule/${rules.length + 1}` });
};
