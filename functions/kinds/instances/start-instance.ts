import { codeOf } from "../../aws/errors.ts";
import { type Instance, runInstances } from "../../aws/instances.ts";
import type { Context } from "../../runtime/context.ts";

type Request = Parameters<typeof runInstances>[2];

/**
 * Launches one instance. Where a policy or the account lets nothing start with the first metadata service (IMDSv1), and
 * the plan does not insist (`isFree`), one of the old days is asked for again with the second one alone: refused calls
 * bind no token, so it keeps its own.
 */
export const startInstance = async (
  context: Context,
  region: string,
  request: Request,
  isFree: boolean,
): Promise<Instance> => {
  try {
    return await runInstances(context.clients, region, request);
  } catch (error) {
    const { HttpTokens, HttpEndpoint } = request.MetadataOptions ?? {};
    const isOld = HttpTokens === "optional" && HttpEndpoint !== "disabled";
    if (!isFree || !isOld || !mayMeanTokens(codeOf(error), (error as Error).message)) throw error;
    context.log.warn("launched with IMDSv2 only", { code: codeOf(error), message: (error as Error).message });
    const MetadataOptions = { ...request.MetadataOptions, HttpTokens: "required" as const };
    return runInstances(context.clients, region, { ...request, MetadataOptions });
  }
};

/**
 * A policy's refusal does not say which condition it met; the account's own setting names itself: "You can't launch
 * instances with IMDSv1 because httpTokensEnforced is enabled". [EC2: configuring-IMDS-new-instances]
 */
const mayMeanTokens = (code: string, message: string) =>
  code === "UnauthorizedOperation" || (code === "UnsupportedOperation" && /httpTokensEnforced|IMDSv1/i.test(message));
