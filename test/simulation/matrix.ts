import { readFileSync } from "node:fs";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { playStory } from "../../simulator/story/story.ts";
import { before, matrixPlan, runOf } from "./play.ts";
import type { Job } from "./pool.ts";

type Crash = Extract<Job, { kind: "crash" }>;
const machines = ["failover", "replicate", "rotate"] as const;
/** Detect, Pause and Wake do the same again and again: so many of their calls to each operation are crashed. */
const sameTimes = 6;

/** A crash before and after every mutating call of every step, read off stories without any. */
export const crashJobs = async (): Promise<Job[]> => {
  const ofMachines: Crash[] = [];
  for (const machine of machines) ofMachines.push(...(await crashesOf(machine)));
  const ofDetect = await crashesOf("detect");
  // close ends what failover could not: the same Report and Release, invoked by another machine
  const ofClose = ofMachines.filter(
    ({ machine, step, nth }) =>
      // what Release writes first of a person's own run is that it is known: close does not
      machine === "failover" && (step === "Report" || (step === "Release" && nth === 1)),
  );
  return [...ofMachines, ...ofDetect, ...ofClose.map((job): Crash => ({ ...job, machine: "close" }))];
};

const crashesOf = async (machine: Exclude<Crash["machine"], "close">): Promise<Crash[]> => {
  const plan = matrixPlan(machine);
  const scenario = toScenario({ name: "none", faults: before(machine) }, "none", plan);
  const story = await playStory({ plan, scenario, seed: 1, ...runOf(machine) });
  const run = story.executions.find(({ name }) => name === `${machine}-by-hand`);
  const invoked = run?.invocations.map(({ state }) => state) ?? [];
  // the event bus invokes Wake while the pass is paused
  const states = new Set(machine === "detect" ? ["Detect"] : machine === "replicate" ? [...invoked, "Wake"] : invoked);
  const from = run?.startedAt ?? story.zeroAt;
  const until = run?.endedAt ?? story.endedAt;

  const counts = new Map<string, number>();
  return story.world.journal
    .filter(({ mutating, step, outcome }) => mutating && states.has(step) && outcome === "ok")
    .filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= until)
    .flatMap(({ step, operation }) => {
      const key = `${step} ${operation}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      if (nth > sameTimes && ["Detect", "Pause", "Wake"].includes(step)) return [];
      return (["before", "after"] as const).map(
        (when): Crash => ({ kind: "crash", machine, step, operation, nth, when }),
      );
    });
};

/** An abort and a timeout at every state that has a Lambda. */
export const stopJobs = (): Job[] =>
  machines.flatMap((machine) =>
    tasksOf(machine).flatMap((state) =>
      (["ABORTED", "TIMED_OUT"] as const).map((status): Job => ({ kind: "stop", machine, state, status })),
    ),
  );

/** Unfence is entered only after a failure, with a plan that asks for it; an execution that answers holds no lease. */
const tasksOf = (machine: string) => {
  const file = new URL(`../../statemachines/${machine}.asl.json`, import.meta.url);
  const found: string[] = [];
  JSON.parse(readFileSync(file, "utf8"), (key, value) => {
    if (value?.Type === "Task" && key !== "Unfence" && key !== "Answer") found.push(key);
    return value;
  });
  return found;
};
