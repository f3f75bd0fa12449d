import { codeOf } from "../functions/aws/calls/errors.ts";
import { describeKey } from "../functions/aws/kms.ts";
import { joined } from "../functions/core/findings.ts";
import { attainable, type Load, loadOf } from "../functions/core/instances/copy/attainable.ts";
import { judgeNames } from "../functions/core/instances/launch/judge-names.ts";
import { homeOf, launchedOf, protectedOf } from "../functions/core/model/direction.ts";
import type { Plan, Resource } from "../functions/core/model/plan.ts";
import type { Point } from "../functions/core/model/recovery-point.ts";
import { assessReadiness, type Deployed } from "../functions/kinds/instances/readiness/readiness.ts";
import type { Context } from "../functions/runtime/context.ts";
import { describeError } from "../terminal/describe-error.ts";
import type { Outside } from "../terminal/outside.ts";
import { checkLaunch } from "./check-launch.ts";
import { checkProfile } from "./check-profile.ts";
import { checkWitnesses } from "./check-witnesses.ts";
import { count } from "./kept-back.ts";
import { type Selection, selectionOf } from "./selection.ts";
import { switchTodo } from "./switch-todo.ts";

/** What AWS says of a plan. `problems` make it a bad plan; the sentences begin with the resource they are about. */
export type Online = {
  /** Could it fail over now? Null before it is deployed: then only what the plan names was looked at. */
  ready: boolean | null;
  resources: ({ name: string; key: string | null } & Omit<Selection, "named">)[];
  facts: string[];
  warnings: string[];
  problems: string[];
  /** What a new deployment gets by itself. */
  waiting: string[];
  /** What a person has to do after the deployment, with the exact ids. */
  todo: string[];
};

/** Asks AWS, reading only: what the hourly readiness check asks, and what the plan's witnesses, selections and copies need. */
export const checkOnline = async (
  plan: Plan,
  endpointUrl: string | undefined,
  outside: Pick<Outside, "contextOf" | "accountOf">,
): Promise<Online> => {
  const context = outside.contextOf(plan, { endpointUrl });
  try {
    return await onlineOf(context, plan, await outside.accountOf(context.clients, homeOf(plan)));
  } catch (error) {
    throw describeError(error, plan);
  }
};

const onlineOf = async (context: Context, plan: Plan, account: string): Promise<Online> => {
  const { application, regions, protect } = plan;
  const deployed = await deployedOf(context, application);
  const found = await assessReadiness(context, plan, account, deployed);
  const online: Online = {
    ready: deployed ? found.ready : null,
    resources: [],
    facts: [],
    warnings: [...found.warnings],
    problems: [...found.problems],
    waiting: found.waiting,
    todo: await switchTodo(context, plan),
  };
  const loads: Load[] = [];
  for (const resource of protect) loads.push(await checkResource(context, plan, resource, deployed, online));
  if (!deployed) online.facts.push(`nothing is deployed in ${homeOf({ regions })} yet, so no copy could be measured`);
  const { at, denied } = deployed?.proof ?? { at: null, denied: [] };
  if (at && denied.length === 0) online.facts.push(`failover permissions: proven at ${at}`);
  if (deployed?.row.run) online.facts.push(`${deployed.row.run.name} is moving the application now`);

  const witnesses = await checkWitnesses(context, plan.detect);
  online.problems.push(...witnesses.problems);
  online.warnings.push(...witnesses.warnings);
  const pace = attainable(loads, plan.objectives.rpoSeconds);
  if (pace.ok && protect.length > 0) online.facts.push(pace.because);
  if (!pace.ok) online.warnings.push(pace.because, ...pace.options.map((option) => `option: ${option}`));
  const { problems, warnings } = online;
  return {
    ...online,
    ready: online.ready && problems.length === 0,
    problems: [...new Set(problems)],
    warnings: [...new Set(warnings)],
  };
};

/** Null before the first deployment. */
const deployedOf = async ({ store }: Context, application: string): Promise<Deployed | null> => {
  try {
    const { planVersion, row, proof, readiness } = await store.watched(application);
    return planVersion && row ? { planVersion, row, proof, tested: readiness?.tested ?? {} } : null;
  } catch (error) {
    if (codeOf(error) !== "ResourceNotFoundException") throw error;
    return null;
  }
};

/** What its tags select, its key, and whether EC2 would launch a server of it; gives what it asks of the copy slots. */
const checkResource = async (
  context: Context,
  plan: Plan,
  resource: Resource,
  deployed: Deployed | null,
  online: Online,
): Promise<Load> => {
  const { name } = resource;
  const { named, ...found } = await selectionOf(context.clients, protectedOf(plan), resource);
  const { pinned, newest } = await storedOf(context, plan, resource, deployed);
  const key = await keyOf(context, plan, resource);
  online.resources.push({ name, key, ...found });
  online.facts.push(
    `${name}: ${count(found.servers, "server")}, ${count(found.volumes, "volume")}, ${found.sizeGiB} GiB`,
  );
  if (found.servers > 0) online.warnings.push(...judgeNames(resource, named));
  if (key && pinned && key !== pinned)
    online.warnings.push(
      `${name}: ${resource.encryptKey} is now ${key}; copies still use ${pinned}; lifeboat rekey shows the cost of a change`,
    );
  const launch = joined([await checkProfile(context, resource), await checkLaunch(context, plan, resource, newest)]);
  online.problems.push(...launch.problems);
  online.warnings.push(...launch.warnings);
  return loadOf(resource, found.volumes, newest);
};

/** What is known of the resource where the plan is deployed; nothing when it is not. */
const storedOf = async ({ store }: Context, plan: Plan, { name }: Resource, deployed: Deployed | null) => {
  const { application } = plan;
  if (!deployed) return { pinned: null, newest: null as Point | null };
  const [pin, points] = await Promise.all([
    store.pin(application, name, launchedOf(plan)),
    store.points(application, name),
  ]);
  return {
    pinned: pin?.arn ?? null,
    newest: points.filter(({ state, damaged }) => state === "complete" && !damaged).at(-1) ?? null,
  };
};

/** ARN of the key that the plan names, or null; the readiness check says what is wrong with it. */
const keyOf = async ({ clients }: Context, { regions }: Plan, { encryptKey }: Resource): Promise<string | null> => {
  if (!encryptKey) return null;
  const key = await describeKey(clients, launchedOf({ regions }), encryptKey).catch(() => null);
  return key?.arn ?? null;
};
