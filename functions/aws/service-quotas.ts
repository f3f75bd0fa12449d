import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { Clients } from "./clients.ts";

/** "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", in vCPUs. [EC2:ec2-on-demand-instances] */
const standardInstances = { ServiceCode: "ec2", QuotaCode: "L-1216C47A" };

/** vCPUs that On-Demand instances of the standard families may have in the Region; null when the service does not say. */
export const standardVcpuQuota = async (clients: Clients, region: string): Promise<number | null> => {
  const { Quota } = await clients(ServiceQuotasClient, region, "optional").send(
    new GetServiceQuotaCommand(standardInstances),
  );
  return Quota?.Value ?? null;
};
