import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { checkAlarmName, checkRegion } from "../../functions/core/detect/sensors.ts";
import { protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { World } from "../kernel.ts";
import { publish, putAlarm } from "../services/cloudwatch.ts";
import { behind } from "../world/endpoints.ts";
import { append, dotted, route53Of } from "./zones.ts";

type CheckWitness = Extract<Plan["detect"]["witnesses"][number], { kind: "healthCheck" }>;

export const checkWitnesses = ({ detect }: Plan) =>
  detect.witnesses.filter((witness): witness is CheckWitness => witness.kind === "healthCheck");

/**
 * The health checks that a plan watches, as somebody made them on its first record's primary address, each with the TXT
 * pair that tells its status and the alarm in us-east-1 that nudges. Needs the zones of the plan.
 */
export const populateChecks = (world: World, plan: Plan) => {
  for (const witness of checkWitnesses(plan)) {
    const { healthCheck, text, zone } = witness;
    const { checks, zones } = route53Of(world);
    checks.set(healthCheck, {
      id: healthCheck,
      config: { Type: "HTTPS" },
      healthy: [{ since: world.now(), value: true }],
    });
    const sets = zones.get(zone)?.sets;
    if (sets) append(sets, world.now(), [...sets.at(-1)!.value, ...textPair(text, healthCheck)]);
    putAlarm(world, checkRegion, {
      AlarmName: checkAlarmName(plan.application, witness.name),
      ...metricOf(healthCheck),
      Statistic: "Minimum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "missing",
    });
  }
};

/** The checkers stand all over the world: they see the address, whichever Region is dark. Their metric is in us-east-1 alone. */
export const lookByChecks = (world: World, plan: Plan) => {
  for (const { name, healthCheck } of checkWitnesses(plan)) {
    const check = route53Of(world).checks.get(healthCheck);
    if (!check) continue;
    const forced = world.faults.witness(name, world.now(), plan.application);
    const healthy = forced === "healthy" || (forced !== "unhealthy" && isServed(world, plan));
    if (healthy !== check.healthy.at(-1)!.value) append(check.healthy, world.now(), healthy);
    if (!world.faults.isRegionDown(checkRegion, world.now()))
      publish(world, checkRegion, metricOf(healthCheck), { at: world.now(), value: healthy ? 1 : 0 });
  }
};

const isServed = (world: World, plan: Plan) => {
  const [first] = plan.traffic?.records ?? [];
  const address = first && "addresses" in first.primary ? first.primary.addresses[0] : undefined;
  return address ? behind(world, plan, address) === 200 : !world.faults.isRegionDown(protectedOf(plan), world.now());
};

const metricOf = (healthCheck: string) => ({
  Namespace: "AWS/Route53",
  MetricName: "HealthCheckStatus",
  Dimensions: [{ Name: "HealthCheckId", Value: healthCheck }],
});

/** Seconds that a resolver may keep the status. */
const textSeconds = 10;

const textPair = (text: string, healthCheck: string): ResourceRecordSet[] => {
  const record = (word: string) => ({
    Name: dotted(text),
    Type: "TXT" as const,
    TTL: textSeconds,
    SetIdentifier: word,
    ResourceRecords: [{ Value: JSON.stringify(word) }],
  });
  return [
    { ...record("healthy"), Failover: "PRIMARY", HealthCheckId: healthCheck },
    { ...record("unhealthy"), Failover: "SECONDARY" },
  ];
};
