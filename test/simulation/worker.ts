import { play } from "./play.ts";
import type { Job, Verdict } from "./pool.ts";

// an error that is told needs its words, and the SDK makes one a call: a fifth of what a story costs
Error.stackTraceLimit = 0;

process.on("message", (job: Job) => {
  const started = performance.now();
  const answer = (wrong: string[]) => {
    const verdict: Verdict = { job, wrong, milliseconds: Math.round(performance.now() - started) };
    process.send?.(verdict);
  };
  play(job).then(answer, (error: Error) => answer([error.stack ?? error.message]));
});
