/** By the clock that tests and the simulator replace, which node:timers/promises is not. */
export const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
