import { marshall } from "@aws-sdk/util-dynamodb";
import { homeOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { type Context, createContext } from "../../functions/runtime/context.ts";
import type { StepHandler } from "../../functions/runtime/step.ts";
import { createExecutions, type Execution, type ExecutionsOfRegion, type Listener } from "../machines/executions.ts";
import { createLambda, type Lambda } from "../machines/lambda.ts";
import { placeItem } from "../services/dynamodb.ts";
import type { Environment } from "./environment.ts";

/** What is deployed in one recovery Region, for every application that has its table there. */
export type Controller = {
  region: string;
  lambda: Lambda;
  executions: ExecutionsOfRegion;
  /** What a person has in hand there, through the same API. */
  people: Context;
  isDown(): boolean;
};

type Listeners = Omit<Listener, "invoking" | "scheduling"> & {
  invoking(execution: Execution, state: string, executions: ExecutionsOfRegion): void;
};

/** A controller for each recovery Region of the plans, the first plan's first; deploys every plan. */
export const createControllers = async (
  environment: Environment,
  functions: Record<string, StepHandler>,
  listeners: Listeners,
) => {
  const { world, plans } = environment;
  const controllers = new Map<string, Controller>();
  for (const { regions } of plans) {
    const region = homeOf({ regions });
    if (controllers.has(region)) continue;
    const place = environment.placeOf(region, region);
    const lambda = createLambda(functions, place);
    const executions: ExecutionsOfRegion = createExecutions(region, lambda, (event) => world.emit(event), {
      ...listeners,
      scheduling: place.scheduling,
      invoking: (execution, state) => listeners.invoking(execution, state, executions),
    });
    environment.connect(executions);
    const people = createContext({ ...environment.placeOf(region, region, null).outside([]), now: () => new Date() });
    controllers.set(region, { region, lambda, executions, people, isDown: place.isDown });
  }
  const of = ({ regions }: Plan) => controllers.get(homeOf({ regions }))!;
  for (const plan of plans) {
    await of(plan).people.store.savePlan(plan);
    // a story begins with what a first proof has found: the next one is a day away
    const at = new Date().toISOString();
    const item = { pk: plan.application, sk: "proof", ...unproven(at), at, provenAt: at };
    placeItem(world, homeOf(plan), "lifeboat", marshall(item));
    // and its topics have had their test messages
    const tested = Object.fromEntries(plan.notify.topics.map((topic) => [topic, { at, because: null }]));
    const found = { at, ready: true, problems: [], waiting: [], warnings: [], tested };
    const looked = { pk: plan.application, sk: "readiness", ...found };
    placeItem(world, homeOf(plan), "lifeboat", marshall(looked));
  }
  const all = [...controllers.values()];
  return {
    of,
    all,
    executions: () => all.flatMap(({ executions }) => executions.all()).sort((a, b) => a.startedAt - b.startedAt),
  };
};
export type Controllers = Awaited<ReturnType<typeof createControllers>>;
