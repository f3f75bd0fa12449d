import type { GetServiceQuotaRequest } from "@aws-sdk/client-service-quotas";
import { AwsError, type Services, type World } from "./kernel.ts";

/** Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, in vCPUs. [EC2:ec2-on-demand-instances] */
const standardVcpus = "L-1216C47A";

type Quotas = { vcpus: number };

/** Quotas of one Region; a test or an inventory may lower them. */
export const quotasOf = (world: World, region: string) =>
  world.region("Service Quotas", region, (): Quotas => ({ vcpus: 640 }));

export const serviceQuotas: Services["Service Quotas"] & object = {
  GetServiceQuota({ ServiceCode, QuotaCode }: GetServiceQuotaRequest, { world, region }) {
    if (ServiceCode !== "ec2" || QuotaCode !== standardVcpus)
      throw new AwsError("NoSuchResourceException", `The request failed because the quota ${QuotaCode} does not exist`);
    const QuotaName = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances";
    return {
      Quota: {
        ServiceCode,
        QuotaCode,
        QuotaName,
        Value: quotasOf(world, region).vcpus,
        Unit: "None",
        Adjustable: true,
      },
    };
  },
};
