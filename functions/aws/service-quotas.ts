import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { Clients } from "./calls/clients.ts";

/** The value of a quota of the account in the Region; null when the service does not say. */
const quotaOf = async (clients: Clients, region: string, ServiceCode: string, QuotaCode: string) => {
  const { Quota } = await clients(ServiceQuotasClient, region, "optional").send(
    new GetServiceQuotaCommand({ ServiceCode, QuotaCode }),
  );
  return Quota?.Value ?? null;
};

/** vCPUs that On-Demand instances of a quota's types may have in the Region; null when the service does not say. */
export const vcpusAllowed = (clients: Clients, region: string, code: string): Promise<number | null> =>
  quotaOf(clients, region, "ec2", code);

/** Functions that may run at once in the account and Region; null when the service does not say. [LA:gettingstarted-limits] */
export const lambdaConcurrency = (clients: Clients, region: string): Promise<number | null> =>
  quotaOf(clients, region, "lambda", "L-B99A9384");
