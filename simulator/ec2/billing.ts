import type { Instance } from "./state.ts";

/** Billing code of a platform. [EC2: billing-info-fields] */
const usageOperations: Record<string, string> = {
  "Red Hat Enterprise Linux": "RunInstances:0010",
  "SUSE Linux": "RunInstances:000g",
  Windows: "RunInstances:0002",
  "Windows with SQL Server Standard": "RunInstances:0006",
  "Windows BYOL": "RunInstances:0800",
};

/** What a server's platform may be, as DescribeInstances says it in PlatformDetails. */
export const platforms = ["Linux/UNIX", ...Object.keys(usageOperations)];

export const usageOperationOf = (platform: string) => usageOperations[platform] ?? "RunInstances";

export const productCodesOf = ({ productCodes }: Pick<Instance, "productCodes">) =>
  productCodes.map((ProductCodeId) => ({ ProductCodeId, ProductCodeType: "marketplace" as const }));
