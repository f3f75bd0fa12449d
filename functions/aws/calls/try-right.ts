import { isDenial, sentenceOf, type Tried } from "../../core/readiness/proof.ts";
import { codeOf, isPassing } from "./errors.ts";

/**
 * Asks for what AWS does not do, and so learns whether the caller might: a dry run of EC2 (DryRunOperation), or a call
 * whose content has to be refused (`refusals`: the codes of that), for what it names is not there. Throws what may pass.
 * A caller's rights are looked at first: which things exist is nothing that AWS tells to those who may not ask.
 * [SDK EC2: DryRun]; of the other services that order stands in no document.
 */
export const tryRight = async (
  action: string,
  region: string,
  ask: () => Promise<unknown>,
  refusals: string[] = [],
): Promise<Tried> => {
  const tried = (found: Tried["found"], because: string): Tried => ({
    action,
    region,
    found,
    because: sentenceOf(because),
  });
  try {
    await ask();
    return tried("allowed", "");
  } catch (error) {
    const [code, message] = [codeOf(error), (error as Error).message];
    if (isDenial(code)) return tried("denied", `${code}: ${message}`);
    if (isPassing(error) || !(error as { $metadata?: unknown }).$metadata) throw error;
    if (code === "DryRunOperation" || refusals.includes(code)) return tried("allowed", "");
    return tried("unknown", `${code}: ${message}`);
  }
};
