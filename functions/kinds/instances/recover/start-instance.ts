import { codeOf } from "../../../aws/calls/errors.ts";
import { type Instance, runInstances } from "../../../aws/ec2/instances.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Scene } from "./launch-scene.ts";

type Request = Parameters<typeof runInstances>[2];

/**
 * Launches one instance; null when this pass has no turn left for it. Where a policy or the account lets nothing start with
 * the first metadata service (IMDSv1), and the plan does not insist, one of the old days is asked for again with
 * the second one alone: refused calls bind no token, so it keeps its own. The others of the pass ask for that at once.
 */
export const startInstance = async (
  { context, turn, tokens }: Pick<Scene, "context" | "turn" | "tokens">,
  region: string,
  request: Request,
  mayAskOtherwise: boolean,
): Promise<Instance | null> => {
  const modern = mayAskOtherwise ? withTokens(request) : null;
  try {
    return await runInstances(context.clients, region, modern && tokens.required ? modern : request);
  } catch (error) {
    if (!modern || tokens.required || !mayMeanTokens(codeOf(error), (error as Error).message)) throw error;
    if (!(await turn())) return null;
    context.log.warn("launched with IMDSv2 only", { code: codeOf(error), because: (error as Error).message });
    const instance = await runInstances(context.clients, region, modern);
    tokens.required = true;
    return instance;
  }
};

/** Does the plan leave it to Lifeboat which metadata service a server has? */
export const isFree = ({ launch }: Resource) => !launch.metadata?.tokens;

/** The same request with IMDSv2 alone; null when it asks for IMDSv1 nowhere. */
export const withTokens = <T extends Pick<Request, "MetadataOptions">>(request: T): T | null => {
  const { HttpTokens, HttpEndpoint } = request.MetadataOptions ?? {};
  if (HttpTokens !== "optional" || HttpEndpoint === "disabled") return null;
  return { ...request, MetadataOptions: { ...request.MetadataOptions, HttpTokens: "required" as const } };
};

/**
 * A policy's refusal does not say which condition it met; the account's own setting names itself: "You can't launch
 * instances with IMDSv1 because httpTokensEnforced is enabled". [EC2: configuring-IMDS-new-instances]
 */
const mayMeanTokens = (code: string, message: string) =>
  code === "UnauthorizedOperation" || (code === "UnsupportedOperation" && /httpTokensEnforced|IMDSv1/i.test(message));
