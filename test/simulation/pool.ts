import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import type { BrownOutJob } from "./brown-outs.ts";
import type { FleetJob } from "./fleet.ts";
import type { DirectoryJob } from "./hurt.ts";
import type { IncidentJob } from "./incidents.ts";

/** One story to play, in a worker process: virtual time is one to a process. */
export type Job =
  | BrownOutJob
  | FleetJob
  | IncidentJob
  | DirectoryJob
  | { kind: "seed"; plan: string; scenario: string; seed: number; twice: boolean }
  | {
      kind: "crash";
      machine: "failover" | "replicate" | "rotate" | "detect" | "close";
      step: string;
      operation: string;
      nth: number;
      when: "before" | "after";
    }
  | { kind: "stop"; machine: "failover" | "replicate" | "rotate"; state: string; status: "ABORTED" | "TIMED_OUT" };
export type Verdict = { job: Job; wrong: string[]; milliseconds: number };

/** Plays every job on all cores; gives the verdicts in the jobs' order. */
export const playAll = async (
  jobs: Job[],
  onVerdict: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> => {
  const verdicts = new Map<Job, Verdict>();
  const queue = [...jobs];
  const worker = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(new URL("./worker.ts", import.meta.url));
      let current: Job | undefined;
      const next = () => {
        current = queue.shift();
        if (current) child.send(current);
        else child.disconnect();
      };
      child.on("message", (told: Verdict) => {
        const verdict = { ...told, job: current! };
        verdicts.set(verdict.job, verdict);
        onVerdict(verdict);
        next();
      });
      child.on("error", reject);
      child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with exit code ${code}`))));
      next();
    });
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, worker));
  return jobs.map((job) => verdicts.get(job)!);
};
