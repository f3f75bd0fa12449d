import { expect, test, vi } from "vitest";
import { lambdaOutside } from "../../functions/runtime/lambda.ts";
import { rpoAlarms } from "../../infra/rpo-alarms.ts";
import { aPlan, aResource } from "../support/builders.ts";

const plan = aPlan({ protect: [aResource(), aResource({ name: "app" })] });
// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape
const alarms: any[] = Object.values(rpoAlarms(plan).Resources).map(({ Properties }) => Properties);

test("an alarm each tells of points that are too old, of those that will be, and of copies that fail", () => {
  const { rpoSeconds } = plan.objectives;
  const common = { ComparisonOperator: "GreaterThanThreshold", Statistic: "Maximum", EvaluationPeriods: 1 };
  for (const { name } of plan.protect)
    expect(alarms.filter(({ Dimensions }) => JSON.stringify(Dimensions).includes(`"${name}"`))).toMatchObject([
      { MetricName: "RecoveryPointAgeSeconds", Threshold: rpoSeconds, TreatMissingData: "breaching", ...common },
      {
        MetricName: "ProjectedRecoveryPointAgeSeconds",
        Threshold: rpoSeconds,
        TreatMissingData: "notBreaching",
        ...common,
      },
      { MetricName: "FailedCopies", Threshold: 0, TreatMissingData: "notBreaching", ...common },
    ]);
});

test("no period is longer than a day, and the age is judged over the objective", () => {
  const periods = (rpoSeconds: number) =>
    Object.values(rpoAlarms({ ...plan, objectives: { ...plan.objectives, rpoSeconds } }).Resources)
      .filter(({ Properties }) => Properties.MetricName === "RecoveryPointAgeSeconds")
      .map(({ Properties }) => Properties.Period);
  expect(periods(3_601)).toEqual([3_660, 3_660]);
  expect(periods(7 * 86_400)).toEqual([86_400, 86_400]);
});

test("they watch the very dimensions that the metrics have", () => {
  const environment = { AWS_REGION: "x", LIFEBOAT_TABLE: "x", LIFEBOAT_BUCKET: "x" };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const dimensionsGiven = { Application: plan.application, Resource: "web" };
  lambdaOutside("catalog").metrics.add("RecoveryPointAgeSeconds", "Seconds", 1, dimensionsGiven);
  const written = String(write.mock.calls[0]![0]);
  vi.unstubAllEnvs();
  write.mockRestore();
  const { _aws, ...dimensions } = JSON.parse(written);
  const [{ Namespace, Dimensions: published }] = _aws.CloudWatchMetrics;
  expect(alarms).toHaveLength(3 * plan.protect.length);
  for (const alarm of alarms) {
    expect(alarm.Namespace).toBe(Namespace);
    expect(alarm.Dimensions.map(({ Name }: { Name: string }) => Name)).toEqual(published[0]);
    expect(alarm.Dimensions[0].Value).toBe(dimensions.service);
  }
});
