import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { datapoints, judge } from "../../../simulator/services/alarms.ts";

const alarm = (over: Partial<MetricAlarm> = {}): MetricAlarm => ({
  Period: 60,
  EvaluationPeriods: 1,
  Statistic: "Maximum",
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  StateValue: "OK",
  ...over,
});

describe("the state of an alarm", () => {
  it.each([
    ["one breaching period", {}, [1], "ALARM"],
    ["one fine period", {}, [0], "OK"],
    ["no data, ignore", { TreatMissingData: "ignore", StateValue: "ALARM" }, [null], "ALARM"],
    ["no data, missing", {}, [null], "INSUFFICIENT_DATA"],
    ["no data, breaching", { TreatMissingData: "breaching" }, [null], "ALARM"],
    ["no data, notBreaching", { TreatMissingData: "notBreaching", StateValue: "ALARM" }, [null], "OK"],
    ["two of three", { DatapointsToAlarm: 2 }, [1, 0, 1], "ALARM"],
    ["one of three where two are needed", { DatapointsToAlarm: 2 }, [1, 0, 0], "OK"],
    ["not enough to tell: as before", { DatapointsToAlarm: 2, StateValue: "ALARM" }, [null, null, 1], "ALARM"],
    ["below a lower bound", { ComparisonOperator: "LessThanThreshold" }, [0], "ALARM"],
    ["on an upper bound that must be passed", { ComparisonOperator: "GreaterThanThreshold" }, [1], "OK"],
    ["on a lower bound that counts", { ComparisonOperator: "LessThanOrEqualToThreshold" }, [1], "ALARM"],
  ] as [string, Partial<MetricAlarm>, (number | null)[], string][])("%s", (_case, over, points, expected) => {
    expect(judge(alarm(over), points)).toBe(expected);
  });
});

describe("a datapoint", () => {
  const samples = [
    { at: 60_000, value: 1 },
    { at: 90_000, value: 3 },
    { at: 120_000, value: 9 },
  ];
  it.each([
    ["Maximum", 3],
    ["Minimum", 1],
    ["Sum", 4],
    ["Average", 2],
    ["SampleCount", 2],
  ] as const)("%s of the last full period", (Statistic, expected) => {
    expect(datapoints(samples, alarm({ Statistic }), 125_000)).toEqual([expected]);
  });

  it("a datapoint is null for a period without samples", () => {
    expect(datapoints(samples, alarm({ EvaluationPeriods: 3 }), 245_000)).toEqual([3, 9, null]);
  });
});
