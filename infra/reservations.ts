import type { Clients } from "../functions/aws/calls/clients.ts";
import { lambdaConcurrency } from "../functions/aws/service-quotas.ts";
import { pageConcurrency } from "./approval-page.ts";
import { ScriptError } from "./arguments.ts";
import { detectConcurrency, type Options } from "./functions.ts";

/** AWS keeps so many for functions that reserve none. [Lambda:configuration-concurrency] */
const unreservedMin = 100;

/** Lambda functions at once that a deployment takes for itself alone, in each of its two Regions. */
export const reservedOf = ({ approvalPage, reserveDetect }: Options): number =>
  (approvalPage ? pageConcurrency : 0) + (reserveDetect ? detectConcurrency : 0);

/**
 * Throws ScriptError where the quota of a Region has no room for that, before CloudFormation has made anything. A quota that
 * cannot be read, and what other functions reserve, is left to Lambda, which refuses it then.
 */
export const refuseTooFew = async (clients: Clients, regions: string[], reserved: number): Promise<void> => {
  if (reserved === 0) return;
  for (const region of regions) {
    const allowed = await lambdaConcurrency(clients, region).catch(() => null);
    if (allowed === null || allowed >= unreservedMin + reserved) continue;
    throw new ScriptError(
      `${region} lets ${allowed} Lambda functions run at once: ${reserved} cannot be reserved, as AWS keeps ${unreservedMin} for the others`,
      "Ask for a higher quota L-B99A9384, or deploy without --reserve-detect and --approval-page.",
    );
  }
};
