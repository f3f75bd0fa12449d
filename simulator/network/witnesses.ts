/** Feeds the alarms and health checks that are witnesses with metrics of the simulated world. */

import type { Plan } from "../../functions/core/model/plan.ts";
import { ask } from "../dns/dns.ts";
import { checkWitnesses, lookByChecks, populateChecks } from "../dns/endpoint-checks.ts";
import type { World } from "../kernel.ts";
import { publish, putAlarm } from "../services/cloudwatch.ts";
import { behind } from "../world/endpoints.ts";

type AlarmWitness = Extract<Plan["detect"]["witnesses"][number], { kind: "alarm" }>;

/** Twice a minute is enough for a metric of one datapoint a minute. */
const everySeconds = 30;

/**
 * What the plan's witnesses look at, beside what is there anyway: alarms on a metric of failed requests, which is published
 * in the alarm's Region and falls silent with it, and the health checks. Needs the zones of the plan.
 */
export const feedWitnesses = (world: World, plan: Plan) => {
  const alarms = plan.detect.witnesses.filter((witness): witness is AlarmWitness => witness.kind === "alarm");
  for (const { alarm, region } of alarms)
    putAlarm(world, region, {
      AlarmName: alarm,
      ...metricOf(alarm),
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "missing",
    });
  populateChecks(world, plan);
  const feed = () => {
    lookByChecks(world, plan);
    for (const witness of alarms) {
      const value = failedRequests(world, plan, witness);
      if (value !== null && !world.faults.isRegionDown(witness.region, world.now()))
        publish(world, witness.region, metricOf(witness.alarm), { at: world.now(), value });
    }
    world.after(everySeconds, feed);
  };
  if (alarms.length > 0 || checkWitnesses(plan).length > 0) world.after(1, feed);
};

const metricOf = (alarm: string) => ({
  Namespace: "AWS/ApplicationELB",
  MetricName: "HTTPCode_ELB_5XX_Count",
  Dimensions: [{ Name: "Alarm", Value: alarm }],
});

/** Requests that users saw fail since the last sample; null when the scenario says that the witness cannot tell. */
const failedRequests = (world: World, plan: Plan, { name }: AlarmWitness): number | null => {
  const forced = world.faults.witness(name, world.now(), plan.application);
  if (forced === "cannot-tell") return null;
  if (forced) return forced === "unhealthy" ? 50 : 0;
  const hosts = (plan.traffic?.records ?? []).map((record) => record.name);
  const failing = hosts.some((host) => {
    const answer = ask(world, { name: host, type: "A", server: null });
    return "values" in answer && answer.values.some((address) => behind(world, plan, address) !== 200);
  });
  return failing ? 50 : 0;
};
