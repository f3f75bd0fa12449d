import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { takeoverMetric } from "../core/names.ts";
import type { Clients } from "./clients.ts";

/**
 * Publishes the takeover switch: 1 = traffic belongs to the recovery Region. Only this Region's data plane is needed;
 * the alarm reads the Maximum of a minute, so a repeated call changes nothing.
 */
export const putTakeover = async (
  clients: Clients,
  region: string,
  application: string,
  value: 0 | 1,
): Promise<void> => {
  await clients(CloudWatchClient, region).send(
    new PutMetricDataCommand({
      Namespace: takeoverMetric.namespace,
      MetricData: [
        {
          MetricName: takeoverMetric.name,
          Dimensions: [{ Name: takeoverMetric.dimension, Value: application }],
          Value: value,
          StorageResolution: 60,
        },
      ],
    }),
  );
};
