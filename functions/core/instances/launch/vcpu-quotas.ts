/** A quota on the vCPUs of running On-Demand instances, one for the types of each group. [EC2:ec2-on-demand-instances] [GR:ec2-service] */
export type VcpuQuota = { code: string; name: string };

const quotas = [
  { code: "L-1216C47A", name: "standard", families: "a c d h i im is m r t z" },
  { code: "L-6E869C2A", name: "DL", families: "dl" },
  { code: "L-74FC7D96", name: "F", families: "f" },
  { code: "L-DB2E81BA", name: "G and VT", families: "g gr vt" },
  { code: "L-F7808C92", name: "HPC", families: "hpc" },
  { code: "L-43DA4232", name: "High Memory", families: "u" },
  { code: "L-1945791B", name: "Inf", families: "inf" },
  { code: "L-417A185B", name: "P", families: "p" },
  { code: "L-2C3B7624", name: "Trn", families: "trn" },
  { code: "L-7295265B", name: "X", families: "x" },
].flatMap(({ families, ...quota }) => families.split(" ").map((family): [string, VcpuQuota] => [family, quota]));

const byFamily = new Map(quotas);

/** The quota that a type counts against; null for one that is launched on Dedicated Hosts only, or unknown. */
export const vcpuQuotaOf = (type: string): VcpuQuota | null => byFamily.get(/^[a-z]+/.exec(type)?.[0] ?? "") ?? null;
