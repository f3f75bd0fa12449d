import type { CallResult } from "../../core/detect/witness.ts";
import { isSilence } from "./errors.ts";

/**
 * Turns an optional call into a value: a witness that cannot be asked is never an error of the step. A resolver of our
 * own that fails (EAI_AGAIN) is no silence of the Region.
 */
export const tryCall = async <T>(call: Promise<T>): Promise<CallResult<T>> => {
  try {
    return { value: await call };
  } catch (error) {
    const because = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { silent: isSilence(error) && (error as { code?: string }).code !== "EAI_AGAIN", because };
  }
};

/** Why nothing came back from a call; null when the service answered, with whatever error. */
export const silenceOf = async (call: Promise<unknown>): Promise<string | null> => {
  try {
    await call;
    return null;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return $metadata?.httpStatusCode === undefined ? `${name}: ${message}` : null;
  }
};
