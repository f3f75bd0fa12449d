import { answered, type Pace, takeToken, throttled } from "../core/run/pace.ts";
import { sleep } from "./sleep.ts";

const throttles = new Set(["RequestLimitExceeded", "Throttling", "ThrottlingException"]);
export const isThrottle = (code: string) => throttles.has(code);

/**
 * Spaces the calls of RunInstances within one invocation as its token bucket fills: two a second at most, so that a state
 * of the machine for each of them would be a thousand states. A call that EC2 refuses helps nobody.
 */
export const pacer = (known: Pace, now: () => Date, deadline: Date) => {
  const isLate = (seconds = 0) => now().getTime() + seconds * 1_000 >= deadline.getTime();
  let pace = known;
  return {
    /** False when the token would come too late for this invocation: it is not taken then. */
    async turn(): Promise<boolean> {
      if (isLate()) return false;
      const taken = takeToken(pace, now());
      if (isLate(taken.waitSeconds)) return false;
      pace = taken.pace;
      if (taken.waitSeconds > 0) await sleep(taken.waitSeconds);
      return !isLate();
    },
    noteReply: (code: string | null) => {
      pace = code && isThrottle(code) ? throttled(pace, now()) : code === null ? answered(pace) : pace;
    },
    pace: () => pace,
  };
};
