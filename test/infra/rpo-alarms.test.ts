import { expect, test } from "vitest";
import { rpoAlarms } from "../../infra/rpo-alarms.ts";
import { aPlan, aResource } from "../support/builders.ts";

const plan = aPlan({ protect: [aResource(), aResource({ name: "app" })] });
const alarms = Object.values(rpoAlarms(plan).Resources).map(({ Properties }) => Properties);

test("an alarm each tells of points that are too old, of those that will be, and of copies that fail", () => {
  const { rpoSeconds } = plan.objectives;
  const common = { ComparisonOperator: "GreaterThanThreshold", Statistic: "Maximum", EvaluationPeriods: 1 };
  for (const { name } of plan.protect)
    expect(alarms.filter(({ Dimensions }) => JSON.stringify(Dimensions).includes(`"${name}"`))).toMatchObject([
      { MetricName: "RecoveryPointAgeSeconds", Threshold: rpoSeconds, TreatMissingData: "breaching", ...common },
      {
        MetricName: "ProjectedRecoveryPointAgeSeconds",
        ...{ Threshold: rpoSeconds, TreatMissingData: "notBreaching", ...common },
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
