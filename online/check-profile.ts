import { codeOf } from "../functions/aws/calls/errors.ts";
import { hasInstanceProfile } from "../functions/aws/instance-profiles.ts";
import type { Findings } from "../functions/core/findings.ts";
import type { Resource } from "../functions/core/model/plan.ts";
import type { Context } from "../functions/runtime/context.ts";

/** Does the instance profile exist that the plan names? One that is the source's own is known to EC2. */
export const checkProfile = async ({ clients }: Context, { name, launch }: Resource): Promise<Findings> => {
  const { instanceProfile: profile } = launch;
  if (!profile || profile === "same") return { problems: [], warnings: [] };
  try {
    const exists = await hasInstanceProfile(clients, profile);
    return { problems: exists ? [] : [`${name}: instance profile ${profile} does not exist`], warnings: [] };
  } catch (error) {
    return { problems: [], warnings: [`${name}: instance profile ${profile} (${codeOf(error)}) could not be checked`] };
  }
};
