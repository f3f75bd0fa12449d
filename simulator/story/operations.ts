import { startOnce } from "../../functions/aws/executions.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import {
  acknowledgeLast,
  acknowledgeRun,
  pauseApplication,
  resumeApplication,
} from "../../functions/operators/controls.ts";
import { currentStep } from "../machines/current-step.ts";
import type { Execution } from "../machines/executions.ts";
import { applicationOf } from "../machines/runs.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Simulation } from "./simulation.ts";

type Operation = Scenario["operations"][number];

/** What people do, at its time: through the store and the machines, as the command line and the console do it. */
export const operate = (simulation: Simulation, zeroAt: number) => {
  const { options, plans } = simulation;
  for (const [index, operation] of options.scenario.operations.entries()) {
    const plan = plans.find(({ application }) => application === operation.application) ?? plans[0]!;
    simulation.at(zeroAt + operation.at * 1_000, () => act(simulation, plan, operation, `${index}`));
  }
};

/** What hears of a question: a person approves it once, so many seconds later. */
export const approveLater = (simulation: Simulation) => {
  const seconds = simulation.options.approveAfterSeconds ?? null;
  const heard = new Set<string>();
  return (execution: Execution) => {
    const plan = simulation.plans.find(({ application }) => application === applicationOf(execution));
    if (seconds === null || !plan || heard.has(execution.arn)) return;
    heard.add(execution.arn);
    const input = { run: execution.name };
    simulation.at(Date.now() + seconds * 1_000, () =>
      act(simulation, plan, { at: 0, do: "approve", input }, `asked-${heard.size}`),
    );
  };
};

const act = (simulation: Simulation, plan: Plan, operation: Operation, id: string) => {
  const { options, environment } = simulation;
  options.onMoment?.({ kind: "person", at: Date.now(), text: `${operation.do} ${plan.application}` });
  void currentStep
    .run("person", () => doIt(simulation, plan, operation, id))
    .catch((error: Error) =>
      environment.logs.push(`${new Date().toISOString()} person ${operation.do}: ${error.message}`),
    );
};

const doIt = async ({ controllers }: Simulation, plan: Plan, { do: what, input }: Operation, id: string) => {
  const { application } = plan;
  const { people, executions } = controllers.of(plan);
  const { store, clients, settings } = people;
  const { by: given, run: named, reason: why, page, ...rest } = input as Typed;
  const [by, reason] = [given ?? "person", why ?? null];
  const start = (machine: string, asked: Record<string, unknown>) =>
    startOnce(clients, settings.home, {
      machine,
      name: `${what}-by-hand-${application}-${id}`,
      input: { application, ...asked },
    });

  if (what === "pause") return pauseApplication(people, application, by, reason);
  if (what === "resume") return resumeApplication(people, application, by);
  if (what === "acknowledge")
    return named ? acknowledgeRun(people, application, named, by) : acknowledgeLast(people, application, by);
  const asked = { ...rest, ...(reason !== null && { reason }) };
  if (what === "failover") return start(settings.failoverMachine, asked);
  if (what === "replicate") return start(settings.replicateMachine, asked);
  if (what === "rotate") return start(executions.stateMachineArn("rotate"), asked);
  const run = named ?? (await store.question(application))?.run ?? "none";
  return start(page ? settings.answerMachine : settings.failoverMachine, {
    answer: { run, approved: what === "approve", by },
  });
};
/** `page`: as the approval page does it, not the command line. */
type Typed = { by?: string; run?: string; reason?: string; page?: boolean };
