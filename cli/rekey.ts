import { codeOf } from "../functions/aws/calls/errors.ts";
import { describeKey } from "../functions/aws/kms.ts";
import { readRow } from "../functions/aws/store/lease.ts";
import { LifeboatError, RefusedError } from "../functions/core/errors.ts";
import { judgeKey } from "../functions/core/instances/launch/conditions.ts";
import { launchedOf } from "../functions/core/model/direction.ts";
import type { Plan, Resource } from "../functions/core/model/plan.ts";
import type { Context } from "../functions/runtime/context.ts";
import { count } from "../online/kept-back.ts";
import { type ExitCode, type Output, UsageError } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { priceSource, type RekeyCost, rekeyCost } from "./rekey-cost.ts";
import { deployedPlan, withDescribedErrors } from "./run-machine.ts";

export type RekeyOptions = {
  json: boolean;
  yes: boolean;
  resource?: string | undefined;
  endpointUrl?: string | undefined;
};

/** A resource whose copies lie under another key than its plan names now. */
type Change = { resource: string; from: string; to: string; cost: RekeyCost };

/** Pins the key that the plan names now, after saying what that costs. Refused while something is at work. */
export const rekey = (plan: Plan, options: RekeyOptions, output: Output, outside: Outside): Promise<ExitCode> =>
  withDescribedErrors(plan, async () => {
    const context = outside.contextOf(plan, { endpointUrl: options.endpointUrl });
    const deployed = await deployedPlan(context, plan, output);
    const resources = chosen(deployed, options.resource);
    const changes: Change[] = [];
    const unchanged: string[] = [];
    for (const resource of resources) {
      const found = await changeOf(context, deployed, resource);
      if (typeof found === "string") unchanged.push(found);
      else changes.push(found);
    }
    if (!options.json) for (const line of [...unchanged, ...changes.flatMap(linesOf)]) output.out(line);
    if (changes.length > 0) {
      if (!options.json) output.out(priceSource);
      await refuseAtWork(context, plan.application);
      await approve(options, outside, changes);
      await refuseAtWork(context, plan.application);
      const pinnedAt = context.now().toISOString();
      for (const { resource, to } of changes) {
        const key = deployed.protect.find(({ name }) => name === resource)?.encryptKey ?? to;
        await context.store.savePin(plan.application, resource, launchedOf(plan), { arn: to, key, pinnedAt });
      }
    }
    if (options.json)
      output.out(JSON.stringify({ application: plan.application, changed: changes, unchanged, priceSource }));
    else if (changes.length > 0) output.out(`${count(changes.length, "key")} pinned: the next copies are full copies`);
    return 0;
  });

const chosen = ({ application, protect }: Plan, name: string | undefined): Resource[] => {
  const found = protect.filter((resource) => name === undefined || resource.name === name);
  if (found.length > 0) return found;
  const names = protect.map((resource) => resource.name).join(", ") || "none";
  throw new UsageError(`${application} has no resource ${name ?? "to rekey"}`, `its resources: ${names}`);
};

/** What changes, or a sentence that says why nothing does. Throws RefusedError when the key cannot be used. */
const changeOf = async (context: Context, plan: Plan, { name, encryptKey }: Resource): Promise<Change | string> => {
  const { clients, store } = context;
  const region = launchedOf(plan);
  if (!encryptKey) return `${name}: the plan names no key (encrypt.key); nothing to change`;
  const pin = await store.pin(plan.application, name, launchedOf(plan));
  const key = await describeKey(clients, region, encryptKey).catch((error: unknown) => {
    if (codeOf(error) === "NotFoundException") return null;
    throw error;
  });
  const [problem] = judgeKey(name, encryptKey, region, key);
  if (problem || !key)
    throw new RefusedError(problem ?? "", "Fix the key, or name another one in the plan and deploy it.");
  if (!pin) return `${name}: no copy exists yet; the first copy pins ${key.arn}`;
  if (pin.arn === key.arn) return `${name}: its copies already use ${encryptKey} (${key.arn})`;
  return { resource: name, from: pin.arn, to: key.arn, cost: rekeyCost(await sizesOf(context, plan, name)) };
};

/** Sizes in GiB of the volumes of the newest complete point. */
const sizesOf = async ({ store }: Context, { application }: Plan, resource: string): Promise<number[]> => {
  const newest = (await store.points(application, resource)).filter(({ state }) => state === "complete").at(-1);
  const manifests = newest ? await store.manifests(application, newest.id) : [];
  return manifests.flatMap(({ volumes }) => volumes.map(({ sizeGiB }) => sizeGiB));
};

const linesOf = ({ resource, from, to, cost }: Change): string[] => [
  `${resource}: from ${from} to ${to}`,
  `${resource}: ${count(cost.volumes, "volume")} copied in full, at most ${cost.sizeGiB} GiB: $${cost.transferUsd.toFixed(2)} of transfer once, $${cost.storageUsdMonthly.toFixed(2)} more per month for snapshots until the old recovery points are deleted`,
];

const refuseAtWork = async (context: Context, application: string) => {
  const { run, protect } = await readRow(context, application);
  const holder = run ?? protect;
  if (holder)
    throw new RefusedError(
      `${holder.name} has been running since ${holder.acquiredAt}: a key can change only between passes`,
      "Wait until it has ended, then try again.",
    );
};

const approve = async ({ yes }: RekeyOptions, outside: Outside, changes: Change[]) => {
  if (yes) return;
  const answer = await outside.ask(`Pin the new key of ${changes.map(({ resource }) => resource).join(", ")}? [y/N] `);
  if (answer === null)
    throw new RefusedError(
      "nothing was changed: no terminal to ask for confirmation",
      "Read the cost above, then add --yes to confirm.",
    );
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new LifeboatError("nothing was changed", "Run the command again to confirm.");
};
