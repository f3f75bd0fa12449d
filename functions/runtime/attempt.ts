import { isPassing, isSilence } from "../aws/calls/errors.ts";
import type { Context } from "./context.ts";

/** A step has time for five of them, one after the other. */
const attemptSeconds = 10;

/** `refused`: answered, and asking again changes nothing. `code`: name of the error, null when there was none. */
export type Attempt<T> = { value: T | null; answered: boolean; refused: boolean; code: string | null };

/**
 * Invariant 3: whatever a call to the source meets becomes a value. A refusal (throttle, no permission) is an answer too.
 * Bounded as a whole, since a listing has as many calls as pages.
 */
export const attempt = async <T>(
  { log }: Context,
  what: string,
  call: Promise<T>,
  seconds = attemptSeconds,
): Promise<Attempt<T>> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error(`not finished within ${seconds} s`), { name: "TimeoutError" });
    timer = setTimeout(() => reject(error), seconds * 1_000);
  });
  try {
    return { value: await Promise.race([call, late]), answered: true, refused: false, code: null };
  } catch (error) {
    const { name, message } = error as Error;
    log.warn(`the source: ${what}`, { code: name, because: message });
    return { value: null, answered: !isSilence(error), refused: !isPassing(error), code: name };
  } finally {
    clearTimeout(timer);
  }
};
