/** Service Quotas of EC2 and Lambda. */

import type { GetServiceQuotaRequest } from "@aws-sdk/client-service-quotas";
import { AwsError, type Services, type World } from "../kernel.ts";

/** vCPUs of running On-Demand instances, one quota for the types of each group. [EC2:ec2-on-demand-instances] [GR:ec2-service] */
const groups = {
  Standard: { code: "L-1216C47A", name: "Standard (A, C, D, H, I, M, R, T, Z)", types: /^([acdhimrtz]|im|is)\d/ },
  DL: { code: "L-6E869C2A", name: "DL", types: /^dl\d/ },
  F: { code: "L-74FC7D96", name: "F", types: /^f\d/ },
  G: { code: "L-DB2E81BA", name: "G and VT", types: /^(gr?|vt)\d/ },
  HPC: { code: "L-F7808C92", name: "HPC", types: /^hpc\d/ },
  HighMemory: { code: "L-43DA4232", name: "High Memory", types: /^u/ },
  Inf: { code: "L-1945791B", name: "Inf", types: /^inf\d/ },
  P: { code: "L-417A185B", name: "P", types: /^p\d/ },
  Trn: { code: "L-2C3B7624", name: "Trn", types: /^trn\d/ },
  X: { code: "L-7295265B", name: "X", types: /^x\d/ },
};
export type QuotaGroup = keyof typeof groups;
export const quotaGroups = Object.keys(groups) as [QuotaGroup, ...QuotaGroup[]];

/** Executions of all functions of an account at once, per Region. [LA:gettingstarted-limits] */
const lambdaConcurrency = "L-B99A9384";

type Quotas = { vcpus: Record<QuotaGroup, number>; lambda: number };

/** Quotas of one Region, of an account that asked for them; a test or an inventory may lower them. */
export const quotasOf = (world: World, region: string) =>
  world.region(
    "Service Quotas",
    region,
    (): Quotas => ({
      vcpus: Object.fromEntries(quotaGroups.map((group) => [group, 640])) as Quotas["vcpus"],
      lambda: 1_000,
    }),
  );

/** The group whose quota a type counts against. */
export const quotaGroupOf = (type: string): QuotaGroup =>
  quotaGroups.find((group) => groups[group].types.test(type)) ?? "Standard";

export const serviceQuotas: Services["Service Quotas"] & object = {
  GetServiceQuota({ ServiceCode, QuotaCode }: GetServiceQuotaRequest, { world, region }) {
    const { vcpus, lambda } = quotasOf(world, region);
    const quota = (QuotaName: string, Value: number) => ({
      Quota: { ServiceCode, QuotaCode, QuotaName, Value, Unit: "None", Adjustable: true },
    });
    const group = quotaGroups.find((one) => groups[one].code === QuotaCode);
    if (ServiceCode === "ec2" && group) return quota(`Running On-Demand ${groups[group].name} instances`, vcpus[group]);
    if (ServiceCode === "lambda" && QuotaCode === lambdaConcurrency) return quota("Concurrent executions", lambda);
    throw new AwsError("NoSuchResourceException", `The request failed because the quota ${QuotaCode} does not exist`);
  },
};
