import { concerns } from "../../functions/core/detect/aws-health.ts";
import { checkAlarmName, healthRegions } from "../../functions/core/detect/sensors.ts";
import { homeOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { tellsOfSnapshots } from "../ec2/storage/events.ts";
import { account, type BusEvent } from "../kernel.ts";
import { applicationOf } from "../machines/runs.ts";
import { eventAge, type Simulation } from "./simulation.ts";

/** What the deployed rules do with the events of every Region: each goes to the functions of the applications that want it. */
export const listenToEvents = (simulation: Simulation) => {
  const { world, plans, controllers } = simulation;
  world.onEvent((event) => {
    if (simulation.over) return;
    for (const plan of plans) {
      const { application } = plan;
      const { lambda, isDown, executions } = controllers.of(plan);
      const arrives = arriving(simulation, event, plan);
      if (wantsAlarm(plan, event) || wantsIssue(plan, event))
        arrives(() => void simulation.detect(plan, { application, event }));
      if (plan.protect.length > 0 && tellsOfSnapshots(event))
        arrives(() => isDown() || void lambda.deliver("Wake", { application, event }, eventAge.wake).catch(() => null));
      const { status, executionArn = "" } = event.detail as { status?: string; executionArn?: string };
      if (event.source !== "aws.states" || status === "SUCCEEDED" || executionArn.includes(":lifeboat-close:"))
        continue;
      const ended = executions.find(executionArn);
      if (ended && applicationOf(ended) === application) simulation.schedule(plan, "close");
    }
  });
};

/** In the Region of the controller; one that crosses a cut link is tried again until it is there. [EB:eb-rule-retry-policy] */
const arriving =
  ({ world }: Simulation, { region }: BusEvent, { regions }: Plan) =>
  (what: () => void) => {
    const upAt = world.faults.linkUpAt(region, homeOf({ regions }), world.now());
    if (upAt === world.now()) what();
    else if (Number.isFinite(upAt)) world.after((upAt - world.now()) / 1_000 + 1, what);
  };

/** As the rules of the sensors and of the controller are: infra/alarm-events.ts, infra/health-events.ts. */
export const wantsAlarm = ({ application, detect }: Plan, { source, region, detail }: BusEvent) =>
  source === "aws.cloudwatch" &&
  detect.witnesses.some((witness) =>
    witness.kind === "alarm"
      ? witness.alarm === detail.alarmName && witness.region === region
      : witness.kind === "healthCheck" && checkAlarmName(application, witness.name) === detail.alarmName,
  );

export const wantsIssue = ({ detect }: Plan, { source, region, detail }: BusEvent) =>
  source === "aws.health" &&
  detect.witnesses.some(
    (witness) =>
      witness.kind === "awsHealth" &&
      concerns(witness, { region: String(detail.eventRegion), service: String(detail.service) }) &&
      healthRegions(witness.region).includes(region),
  );

/** The events of the scenario, as the bus delivers them: in the shape of the rule, or raw as they stand. */
export const injectEvents = (simulation: Simulation, zeroAt: number) => {
  const { options, plans } = simulation;
  for (const { at, event, raw, application } of options.scenario.events) {
    const plan = plans.find((one) => one.application === application) ?? plans[0]!;
    simulation.at(zeroAt + at * 1_000, () => {
      const filled = fill(event, plan, zeroAt);
      void simulation.detect(plan, raw ? filled : { application: plan.application, event: filled });
    });
  }
};

const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Puts times and names in the place of `${T-5m}`, `${primary}`, … in every text. */
const fill = (value: unknown, plan: Plan, zeroAt: number): unknown => {
  if (Array.isArray(value)) return value.map((one) => fill(one, plan, zeroAt));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, plan, zeroAt)]));
  if (typeof value !== "string") return value;
  const names: Record<string, string> = { ...plan.regions, account, application: plan.application };
  return value.replace(/\$\{(?:T(?:([+-]\d+)([smhd]))?|(\w+))\}/g, (text, amount, letter, name) => {
    if (name) return names[name] ?? text;
    const offset = amount ? Number(amount) * unit[letter as keyof typeof unit] : 0;
    return new Date(zeroAt + offset).toISOString();
  });
};
