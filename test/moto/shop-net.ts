import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import type { Clients } from "../../functions/aws/calls/clients.ts";
import { describeElasticIps } from "../../functions/aws/ec2/addresses.ts";
import { describeInstancesById } from "../../functions/aws/ec2/instances.ts";
import { listRecords } from "../../functions/aws/route-53.ts";
import { takeoverMetric } from "../../functions/core/names.ts";
import type { Net } from "../../functions/runtime/context.ts";
import { host, type Names, recovery } from "./shop.ts";

const nameServer = { name: "ns-1.example.net", address: "192.0.2.53" };

/** Values of the takeover switch that were published in the last hour, as moto's CloudWatch keeps them. */
export const takeoverValues = async (clients: Clients, application: string): Promise<number[]> => {
  const { namespace: Namespace, name: MetricName, dimension: Name } = takeoverMetric;
  const { Datapoints } = await clients(CloudWatchClient, recovery).send(
    new GetMetricStatisticsCommand({
      Namespace,
      MetricName,
      Dimensions: [{ Name, Value: application }],
      Period: 60,
      Statistics: ["Maximum"],
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 60_000),
    }),
  );
  return (Datapoints ?? []).map(({ Maximum }) => Maximum ?? Number.NaN);
};

/**
 * DNS and HTTP of the shop. moto serves neither, nor does it evaluate health checks, so this is a model of our own; it
 * stands on moto's state: the pair answers by the published switch, an address while a running instance has it.
 */
export const shopNet = (clients: Clients, { zone, elasticIps }: Names): Net => ({
  tcp: async () => ({ error: "ECONNREFUSED" }),

  async resolve({ name, type }) {
    if (type === "NS") return name === "example.com" ? { values: [nameServer.name] } : { error: "ENODATA" };
    if (name === nameServer.name) return { values: [nameServer.address] };
    if (name !== host || type !== "A") return { error: "ENOTFOUND" };
    const role = (await takeoverValues(clients, "shop")).includes(1) ? "SECONDARY" : "PRIMARY";
    const sets = await listRecords(clients, zone, [host], "standard");
    return { values: sets.find(({ failover }) => failover === role)?.values.toSorted() ?? [] };
  },

  async http({ connect }) {
    const ids = elasticIps.map(({ id }) => id);
    const found = (await describeElasticIps(clients, recovery, ids)).find(({ address }) => address === connect);
    if (!found?.instance) return { error: "ETIMEDOUT" };
    const [instance] = await describeInstancesById(clients, recovery, [found.instance]);
    return instance?.State?.Name === "running" ? { status: 200, body: "ok" } : { error: "ECONNREFUSED" };
  },
});
