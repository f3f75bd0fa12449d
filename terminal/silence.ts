import { duration } from "./format.ts";
import type { Output } from "./output.ts";

/** Seconds of silence after which a person is told first; each further time it is twice as long. */
const firstSeconds = 5;

/** An output that breaks its own silence: a line on standard error says what is waited for, unless a person is asked. `end` stops that. */
export const breakingSilence = (
  output: Output,
  waitedFor: () => string | null,
  now: () => number = Date.now,
): { output: Output; end(): void } => {
  let since = now();
  let next = firstSeconds;
  const news = () => {
    since = now();
    next = firstSeconds;
  };
  const timer = setInterval(() => {
    const what = waitedFor();
    if (what === "") news();
    const seconds = (now() - since) / 1_000;
    if (seconds < next) return;
    next *= 2;
    output.error(output.paint.dim(`${what ? `waiting for ${what}` : "still working"} (${duration(seconds)})`));
  }, 1_000);
  timer.unref();
  const noted =
    <A>(write: (line: A) => void) =>
    (line: A) => {
      news();
      write(line);
    };
  return {
    output: { ...output, out: noted(output.out), error: noted(output.error), live: noted(output.live) },
    end: () => clearInterval(timer),
  };
};
