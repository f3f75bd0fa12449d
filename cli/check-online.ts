import { codeOf } from "../functions/aws/errors.ts";
import { describeKey } from "../functions/aws/kms.ts";
import { describeTopic } from "../functions/aws/sns.ts";
import { attainable, type Load, loadOf } from "../functions/core/attainable.ts";
import { judgeKey } from "../functions/core/conditions.ts";
import { judgeNames } from "../functions/core/judge-names.ts";
import { keyWarning } from "../functions/core/key-rules.ts";
import type { Plan, Resource } from "../functions/core/plan.ts";
import type { Point } from "../functions/core/point.ts";
import { joined } from "../functions/core/preflight-rules.ts";
import { deniedText } from "../functions/core/proof.ts";
import { judgeTopic } from "../functions/core/topic-rules.ts";
import { judgeRecoverySide, readRecoverySide } from "../functions/kinds/instances/recovery-side.ts";
import type { Context } from "../functions/runtime/context.ts";
import { checkLaunch } from "./check-launch.ts";
import { checkWitnesses } from "./check-witnesses.ts";
import { count } from "./kept-back.ts";
import type { Outside } from "./outside.ts";
import { type Selection, selectionOf } from "./selection.ts";
import { told } from "./told.ts";

/** What AWS says of a plan. `problems` make it a bad plan; the sentences begin with the resource they are about. */
export type Online = {
  resources: ({ name: string; key: string | null } & Omit<Selection, "named">)[];
  facts: string[];
  warnings: string[];
  problems: string[];
};

/** Asks AWS what a plan needs of it, reading only: keys, witnesses, what the selections match, and whether copies can keep pace. */
export const checkOnline = async (
  plan: Plan,
  endpointUrl: string | undefined,
  outside: Pick<Outside, "contextOf">,
): Promise<Online> => {
  const context = outside.contextOf(plan, { endpointUrl });
  try {
    return await ask(context, plan);
  } catch (error) {
    throw told(error, plan);
  }
};

const ask = async (context: Context, plan: Plan): Promise<Online> => {
  const online: Online = { resources: [], facts: [], warnings: [], problems: [] };
  const loads: Load[] = [];
  for (const resource of plan.protect) {
    const { name, select } = resource;
    const { named, ...found } = await selectionOf(context.clients, plan.regions.primary, resource);
    const stored = await storedOf(context, plan, resource, online);
    const key = await checkKey(context, plan, resource, stored.pinned, online);
    online.resources.push({ name, key, ...found });
    online.facts.push(
      `${name}: ${count(found.servers, "server")}, ${count(found.volumes, "volume")}, ${found.sizeGiB} GiB`,
    );
    const tags = Object.entries(select.tags).map(([tag, value]) => `${tag}=${value}`);
    if (found.servers === 0)
      online.problems.push(`${name}: no instance in ${plan.regions.primary} has the tags ${tags.join(", ")}`);
    if (found.servers > 0) online.warnings.push(...judgeNames(resource, named));
    loads.push(loadOf(resource, found.volumes, stored.newest));
    const launch = await checkLaunch(context, plan, resource, stored.newest);
    online.problems.push(...launch.problems);
    online.warnings.push(...launch.warnings);
  }
  const side = await recoverySide(context, plan);
  online.problems.push(...side.problems);
  online.warnings.push(...side.warnings);
  await rights(context, plan, online);
  for (const arn of plan.notify.topics) {
    const topic = judgeTopic(
      arn,
      await describeTopic(context.clients, arn.split(":")[3] ?? plan.regions.recovery, arn),
    );
    online.problems.push(...topic.problems);
    online.warnings.push(...topic.warnings);
  }
  const witnesses = await checkWitnesses(context, plan.detect);
  online.problems.push(...witnesses.problems);
  online.warnings.push(...witnesses.warnings);
  const pace = attainable(loads, plan.objectives.rpoSeconds);
  if (pace.ok && plan.protect.length > 0) online.facts.push(pace.because);
  if (!pace.ok) online.warnings.push(pace.because, ...pace.options.map((option) => `option: ${option}`));
  return online;
};

/** What the last proof of the rights of a failover has found; nothing of a plan that is not deployed. */
const rights = async ({ store }: Context, { application }: Plan, online: Online) => {
  const proof = await store.proof(application).catch((error: unknown) => {
    if (codeOf(error) !== "ResourceNotFoundException") throw error;
    return null;
  });
  if (!proof?.at) return;
  const { at, denied, unknown } = proof;
  if (denied.length === 0) online.facts.push(`rights of a failover: proven at ${at}`);
  online.problems.push(...denied.map((one) => `rights of a failover, tried at ${at}: missing ${deniedText(one)}`));
  online.warnings.push(...unknown.map((one) => `rights of a failover, tried at ${at}: could not try ${one}`));
};

/** What the plan names in its recovery Region; that recovered servers have the addresses now is no fault of the plan. */
const recoverySide = async (context: Context, { regions, protect }: Plan) => {
  const side = await readRecoverySide(context, regions.recovery, protect);
  const elasticIps = side.elasticIps.map((one) => ({ ...one, instance: null, interface: null }));
  const all = ({ launch }: Resource) => launch.elasticIps.length;
  return joined(judgeRecoverySide({ ...side, elasticIps }, regions.recovery, protect, all));
};

/** What is known of the resource where the plan is deployed; nothing when it is not. */
const storedOf = async ({ store }: Context, { application, regions }: Plan, { name }: Resource, online: Online) => {
  try {
    const [pin, points] = await Promise.all([store.pin(application, name), store.points(application, name)]);
    return {
      pinned: pin?.arn ?? null,
      newest: points.filter(({ state, damaged }) => state === "complete" && !damaged).at(-1) ?? null,
    };
  } catch (error) {
    if (codeOf(error) !== "ResourceNotFoundException") throw error;
    const fact = `nothing is deployed in ${regions.recovery} yet: no copy was measured`;
    if (!online.facts.includes(fact)) online.facts.push(fact);
    return { pinned: null, newest: null as Point | null };
  }
};

/** ARN of the key that the plan names, or null. */
const checkKey = async (
  { clients }: Context,
  { regions }: Plan,
  { name, encryptKey }: Resource,
  pinned: string | null,
  online: Online,
): Promise<string | null> => {
  if (!encryptKey) return null;
  const key = await describeKey(clients, regions.recovery, encryptKey).catch((error: unknown) => {
    if (codeOf(error) === "NotFoundException") return null;
    throw error;
  });
  online.problems.push(...judgeKey(name, encryptKey, regions.recovery, key));
  const warning = key && keyWarning(key);
  if (warning) online.warnings.push(`${name}: key ${encryptKey} ${warning}`);
  if (key && pinned && key.arn !== pinned)
    online.warnings.push(
      `${name}: ${encryptKey} is ${key.arn} now; copies stay under ${pinned}; lifeboat rekey shows what changing costs`,
    );
  return key?.arn ?? null;
};
