import { readFileSync } from "node:fs";
import { resultOf } from "../../simulator/result.ts";
import { toScenario } from "../../simulator/scenario.ts";
import { playStory } from "../../simulator/story.ts";
import { matrixPlan } from "./play.ts";
import type { Job } from "./pool.ts";

const machines = ["failover", "replicate"] as const;

/** A crash before and after every mutating call of every step, read off a run without any. */
export const crashJobs = async (): Promise<Job[]> => {
  const jobs: Job[] = [];
  for (const machine of machines) {
    const plan = matrixPlan();
    const faults = machine === "failover" ? [{ at: "0s", fault: "region-down", region: "primary" }] : [];
    const scenario = toScenario({ name: "none", faults }, "none", plan);
    const story = await playStory({ plan, scenario, seed: 1, run: machine });
    const result = resultOf(story);
    const [run] = story.executions.filter(({ name }) => name === `${machine}-by-hand`);
    const states = new Set(run?.invocations.map(({ state }) => state));
    const counts = new Map<string, number>();
    for (const call of result.calls) {
      const at = Date.parse(call.at);
      const within = run && at >= run.startedAt && at <= (run.endedAt ?? Number.POSITIVE_INFINITY);
      if (!within || !call.mutating || !states.has(call.step) || call.outcome !== "ok") continue;
      const key = `${call.step} ${call.operation}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      for (const when of ["before", "after"] as const)
        jobs.push({ kind: "crash", machine, step: call.step, operation: call.operation, nth, when });
    }
  }
  return jobs;
};

/** An abort and a timeout at every state that has a Lambda. */
export const stopJobs = (): Job[] =>
  machines.flatMap((machine) =>
    tasksOf(machine).flatMap((state) =>
      (["ABORTED", "TIMED_OUT"] as const).map((status): Job => ({ kind: "stop", machine, state, status })),
    ),
  );

const tasksOf = (machine: string) => {
  const file = new URL(`../../statemachines/${machine}.asl.json`, import.meta.url);
  const found: string[] = [];
  JSON.parse(readFileSync(file, "utf8"), function (this: Record<string, unknown>, key, value) {
    if (value?.Type === "Task") found.push(key);
    return value;
  });
  return found.filter((state) => !["Unfence"].includes(state));
};
