import { describe, expect, it, test } from "vitest";
import { type InstanceType, whyUnsuited } from "../../../../functions/core/instances/launch/type-rules.ts";
import type { Manifest } from "../../../../functions/core/model/recovery-point.ts";
import { aManifest } from "../../../support/builders.ts";

const nitro: InstanceType = {
  name: "m6i.large",
  architectures: ["x86_64"],
  vcpus: 2,
  enaSupport: "required",
  bootModes: ["legacy-bios", "uefi"],
  virtualization: ["hvm"],
  nitroTpm: "supported",
  encryption: "supported",
  ebsVolumesMax: 27,
  usageClasses: ["on-demand", "spot"],
};
const xen: InstanceType = {
  ...nitro,
  name: "t2.large",
  enaSupport: "unsupported",
  bootModes: ["legacy-bios"],
  nitroTpm: "unsupported",
};
const [volume] = aManifest().volumes;
const why = (type: Partial<InstanceType>, manifest: Partial<Manifest>) =>
  whyUnsuited({ ...nitro, ...type }, aManifest({ enaSupport: true, ...manifest }));

describe("a type that cannot run an image", () => {
  test.each<[string, Partial<InstanceType>, Partial<Manifest>]>([
    ["is not for arm64", {}, { architecture: "arm64" }],
    ["does not take hvm images", { virtualization: ["paravirtual"] }, {}],
    ["cannot be launched on demand", { usageClasses: ["capacity-block"] }, {}],
    ["needs ENA, which its image lacks", {}, { enaSupport: false }],
    ["does not boot by uefi", xen, { bootMode: "uefi" }],
    ["does not boot by legacy-bios", { bootModes: ["uefi"] }, { bootMode: "legacy-bios" }],
    ["has no NitroTPM", xen, { bootMode: "uefi-preferred", tpmSupport: "v2.0" }],
    ["has no NitroTPM, as it does not boot by uefi", { bootModes: ["legacy-bios"] }, { tpmSupport: "v2.0" }],
    ["takes no encrypted volumes", { encryption: "unsupported" }, { volumes: [{ ...volume!, encrypted: true }] }],
    ["takes 1 volumes, of its 2", { ebsVolumesMax: 1 }, { volumes: [volume!, volume!] }],
  ])("%s", (because, type, manifest) => expect(why(type, manifest)).toBe(because));
});

describe("a type that can", () => {
  test.each<[string, Partial<InstanceType>, Partial<Manifest>]>([
    ["has what the image wants", {}, { bootMode: "uefi", tpmSupport: "v2.0" }],
    ["needs no ENA", xen, { enaSupport: false }],
    ["only supports ENA", { enaSupport: "supported" }, { enaSupport: false }],
    ["boots an image by what it prefers, or by BIOS", xen, { bootMode: "uefi-preferred" }],
    ["boots an image without a mode as it likes", xen, { bootMode: null }],
  ])("%s", (_case, type, manifest) => expect(why(type, manifest)).toBeNull());

  it("a usable type is the one that it ran on, whatever an API leaves out", () => {
    expect(why({ name: "m5.large" }, { enaSupport: false, bootMode: "uefi" })).toBeNull();
    expect(why({ name: "m5.large" }, { architecture: "arm64" })).toBe("is not for arm64");
  });

  it("a usable type is one of which the Region says little: EC2 itself decides then", () => {
    const little = { name: "x9.large", architectures: ["x86_64"], vcpus: 2 };
    expect(whyUnsuited(little, aManifest({ bootMode: "uefi", tpmSupport: "v2.0", enaSupport: false }))).toBeNull();
  });
});
