import { codeOf } from "./errors.ts";

/**
 * Does what ends a resource, or has a meaning only while it is there; one that is gone counts as done, whether an earlier try
 * did it, whose reply was lost, or a person. EC2 says so by one of `codes`. To a caller whose right is for what has our tag
 * it says UnauthorizedOperation, for what is gone has no tags any more: then `isThere` looks, and what is there is denied
 * indeed. [karpenter-provider-aws#2100, #2253: TerminateInstances under a tag condition]
 */
export const unlessGone = async (
  act: () => Promise<unknown>,
  codes: string[],
  isThere: () => Promise<boolean>,
): Promise<void> => {
  try {
    await act();
  } catch (error) {
    if (codes.includes(codeOf(error))) return;
    if (codeOf(error) !== "UnauthorizedOperation" || (await isThere())) throw error;
  }
};
