import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import type { Clients } from "./calls/clients.ts";
import { codeOf } from "./calls/errors.ts";

/** IAM has one control plane for all Regions; nothing on the path of a recovery needs it (invariant 3). */
const controlPlane = "us-east-1";

/** Is there an instance profile of this name? One short attempt. [SDK IAM: GetInstanceProfile] */
export const hasInstanceProfile = async (clients: Clients, InstanceProfileName: string): Promise<boolean> => {
  try {
    await clients(IAMClient, controlPlane, "optional").send(new GetInstanceProfileCommand({ InstanceProfileName }));
    return true;
  } catch (error) {
    if (/^NoSuchEntity(Exception)?$/.test(codeOf(error))) return false;
    throw error;
  }
};
