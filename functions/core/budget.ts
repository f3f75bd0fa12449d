/** What one invocation may still start (invariant 9). */
export type Budget = { /** False when the calls or the time are used up. */ take(): boolean };

/** So many calls, and none later than `seconds` after now: a call in progress must end within the function's timeout. */
export const createBudget = (calls: number, seconds: number, now: () => Date): Budget => {
  const end = now().getTime() + seconds * 1_000;
  let left = calls;
  return {
    take() {
      if (left <= 0 || now().getTime() > end) return false;
      left -= 1;
      return true;
    },
  };
};
