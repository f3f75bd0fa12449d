import { play } from "./play.ts";
import type { Job, Verdict } from "./pool.ts";

process.on("message", (job: Job) => {
  const started = performance.now();
  const answer = (wrong: string[]) => {
    const verdict: Verdict = { job, wrong, milliseconds: Math.round(performance.now() - started) };
    process.send?.(verdict);
  };
  play(job).then(answer, (error: Error) => answer([error.stack ?? error.message]));
});
