import { AwsError } from "../kernel.ts";
import type { Image } from "./state.ts";
import type { InstanceType } from "./type-names.ts";

/**
 * Refuses a type that an image cannot run on, as EC2 does: codes and texts as users report them
 * [GH:LeanerCloud/AutoSpotting#314, RhinoSecurityLabs/cloudgoat#247, BD2KGenomics/cgcloud#10, ansible/workshops#378];
 * the text about NitroTPM is not known. `products`: what sellers of the Marketplace allow.
 */
export const checkSuits = (type: InstanceType, image: Image, products: Map<string, string[]>) => {
  const { name, architecture } = type;
  if (architecture !== image.architecture)
    throw new AwsError(
      "InvalidParameterValue",
      `The architecture '${architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  if (!type.virtualization.some((one) => one === image.virtualization))
    throw new AwsError(
      "InvalidParameterCombination",
      `Virtualization type 'hvm' is required for instances of type '${name}'. Ensure that you are using an AMI with virtualization type 'hvm'.`,
    );
  if (type.ena === "required" && !image.enaSupport)
    throw new AwsError(
      "InvalidParameterCombination",
      `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${name}' instance type. Ensure that you are using an AMI that is enabled for ENA.`,
    );
  if (image.bootMode === "uefi" && !type.bootModes.includes("uefi"))
    throw new AwsError(
      "InvalidParameterValue",
      `The ${name} instance type does not support an AMI with a boot mode of UEFI. Only instance types built on the Nitro System support UEFI. Specify an instance type that supports UEFI, and try again.`,
    );
  if (image.tpmSupport && !type.tpm)
    throw new AwsError("InvalidParameterValue", `The ${name} instance type does not support an AMI with NitroTPM.`);
  if (image.productCodes.some((code) => products.get(code)?.includes(name) === false))
    throw new AwsError(
      "UnsupportedOperation",
      "The instance configuration for this AWS Marketplace product is not supported. Please see the AWS Marketplace site for more information about supported instance types, regions, and operating systems.",
    );
};
