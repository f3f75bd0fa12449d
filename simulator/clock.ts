/** Virtual time: runs a body with faked timers and moves the clock to the next timer whenever nothing else is at work. */

import { syncBuiltinESMExports } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import FakeTimers from "@sinonjs/fake-timers";
import { externalDataInterceptor } from "@smithy/core/config";

const realImmediate = setImmediate;
const realTimeout = setTimeout;
const turn = () => new Promise<void>((resolve) => realImmediate(resolve));

/** nextTick and queueMicrotask stay real: with them faked, a simulated S3 body never ends. */
const toFake = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "Date",
  "performance",
  "hrtime",
] as const;

/** Turns of the real event loop without a timer after which virtual time counts as hung. */
const hungAfterTurns = 1_000;

export type Pace = (nowMs: number) => number;

/**
 * Runs `body` in virtual time: timers and Date are ours, Math.random is `random`, and the clock jumps from timer to
 * timer until the body is done. One at a time in a process. `pace` may ask for real milliseconds before a jump.
 */
export const inVirtualTime = async <T>(
  options: { start: Date; random: () => number; pace?: Pace },
  body: () => Promise<T>,
): Promise<T> => {
  noConfigFiles();
  const clock = FakeTimers.install({ now: options.start, toFake: [...toFake] });
  syncBuiltinESMExports();
  const { random } = Math;
  Math.random = options.random;
  try {
    let ended = false;
    const result = body().finally(() => {
      ended = true;
    });
    result.catch(() => undefined);
    let quiet = 0;
    while (!ended) {
      await turn();
      if (ended) break;
      if (clock.countTimers() > 0) {
        quiet = 0;
        const before = clock.now;
        clock.next();
        const pause = clock.now > before ? (options.pace?.(clock.now) ?? 0) : 0;
        if (pause > 0) await new Promise((resolve) => realTimeout(resolve, pause));
      } else if (++quiet > hungAfterTurns) throw new Error("virtual time hangs: nothing is scheduled and nothing ends");
    }
    return await result;
  } finally {
    Math.random = random;
    clock.uninstall();
    syncBuiltinESMExports();
  }
};

/** The SDK reads its configuration files at the first call of a process: real I/O, during which virtual time would run on. */
const noConfigFiles = () => {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const usual = ["config", "credentials"].map((file) => join(homedir(), ".aws", file));
  for (const file of [...usual, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE])
    if (file) externalDataInterceptor.interceptFile(file, "");
};
