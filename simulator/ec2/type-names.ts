/** Properties of an instance type that its name tells: architecture, size, hypervisor. */

export type InstanceType = {
  name: string;
  architecture: "x86_64" | "arm64";
  vcpus: number;
  nitro: boolean;
  disks: number;
  ena: "unsupported" | "supported" | "required";
  bootModes: ("legacy-bios" | "uefi")[];
  virtualization: ("hvm" | "paravirtual")[];
  tpm: boolean;
  encrypts: boolean;
};

/** Letters before the generation. [EC2: instance-type-names] */
const families = "a c d dl f g gr h hpc i im inf is m p r t trn u vt x z".split(" ");
/** Built on Xen; every other type is a Nitro one. [EC2: instance-types#instance-hypervisor-type] */
const xen = /^(c[134]|d2|f1|g[23]s?|h1|i[23]|m[1-4]|p[23]|r[34]|t[12]|x1e?)$/;
/** Xen types with ENA: an image without it boots there all the same. [EC2: enhanced-networking-ena] */
const xenWithEna = /^(f1|g3s?|h1|i3|p[23]|r4|x1e?)$/;
/** [EC2: virtualization_types] */
const paravirtual = /^(c[13]|m[123]|t1)$/;
/** Instance store without a `d` in the name. [EC2: InstanceStorage] */
const withDisks = /^(c[13]|d[23]\w*|h1|i\d\w*|im\w+|is\w+|m[123]|r3|x1e?)$/;
/** [EBS: ebs-encryption-requirements] */
const unencrypted = /^(c1|m[12]|t1)$/;

/**
 * What a name says: `m6g.2xlarge` = Graviton (g), 8 vCPUs; `c5d.large` = with instance store (d); `t2` = built on Xen, no
 * ENA, no UEFI. Null for a name that is no instance type.
 */
export const instanceType = (name: string): InstanceType | null => {
  const parts = /^([a-z]{1,3})(-\d+tb)?(\d+)([a-z0-9-]*)\.(nano|micro|small|medium|(\d*)x?large|metal[\w-]*)$/.exec(
    name,
  );
  const [, letters = "", , , extras = "", size = "", times = ""] = parts ?? [];
  if (!parts || !families.includes(letters)) return null;
  const [family = ""] = name.split(".");
  const graviton = letters === "a" || (/g/.test(extras) && !/^(inf|trn)$/.test(letters));
  const nitro = !xen.test(family);
  return {
    name,
    architecture: graviton ? "arm64" : "x86_64",
    vcpus: vcpusOf(family, graviton, size, times),
    nitro,
    disks: extras.includes("d") || withDisks.test(family) ? 1 : 0,
    ena: nitro ? "required" : xenWithEna.test(family) ? "supported" : "unsupported",
    bootModes: graviton ? ["uefi"] : nitro ? ["legacy-bios", "uefi"] : ["legacy-bios"],
    virtualization: paravirtual.test(family) ? ["hvm", "paravirtual"] : ["hvm"],
    tpm: nitro && letters !== "a" && !size.startsWith("metal"),
    encrypts: !unencrypted.test(family),
  };
};

const single = /^(t[12]\.(nano|micro|small)|m[13]\.(small|medium))$/;

const vcpusOf = (family: string, graviton: boolean, size: string, times: string) => {
  if (size.startsWith("metal")) return 96;
  if (size.endsWith("xlarge")) return 4 * Number(times || 1);
  if (single.test(`${family}.${size}`)) return 1;
  return graviton && size === "medium" && !family.startsWith("t") ? 1 : 2;
};
