import { ownMetrics } from "../functions/core/names.ts";

/** A metric of the functions in an alarm, with just the dimensions under which they publish it: CloudWatch knows no other of that name. */
export const ownMetric = (name: string, dimensions: { Application: string; Resource?: string }) => ({
  Namespace: ownMetrics.namespace,
  MetricName: name,
  Dimensions: Object.entries({ service: ownMetrics.service, ...dimensions }).map(([Name, Value]) => ({ Name, Value })),
});
