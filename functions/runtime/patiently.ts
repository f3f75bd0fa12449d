import { passesByItself } from "../aws/calls/errors.ts";
import { limits } from "../core/limits.ts";
import type { Context } from "./context.ts";
import { sleep } from "./sleep.ts";

const pauseSeconds = 3;

/**
 * What nobody runs again soon: it is done again after a moment while it meets faults that pass by themselves, for most of the
 * minute until the next tick. What is done may be done twice.
 */
export const patiently =
  <Event, Result>(act: (event: Event, context: Context) => Promise<Result>) =>
  async (event: Event, context: Context): Promise<Result> => {
    const until = context.now().getTime() + limits.startingSeconds * 1_000;
    for (;;) {
      try {
        return await act(event, context);
      } catch (error) {
        if (!passesByItself(error) || context.now().getTime() + pauseSeconds * 1_000 > until) throw error;
        await sleep(pauseSeconds);
      }
    }
  };
