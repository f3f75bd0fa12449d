import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import { describeKey, type KeyFact } from "../../../aws/kms.ts";
import { keyProblem } from "../../../core/instances/launch/key-rules.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";

/** `arn`: null = no key is named. `problem`: the copies go on, but a person should know. */
export type UsableKey =
  | { outcome: "usable"; arn: string | null; problem: string | null }
  | { outcome: "refused" | "later"; because: string };

/**
 * The key that copies of the resource are encrypted under. It is pinned, as an ARN, with the first copy, as a copy under
 * another key is a full one: an alias that has moved since changes nothing by itself. [EBS:ebs-copy-snapshot]
 */
export const usableKey = async (context: Context, run: Run, resource: Resource): Promise<UsableKey> => {
  const { store, log, now } = context;
  const named = resource.encryptKey;
  const pin = await store.pin(run.application, resource.name, run.target);
  try {
    if (!pin) {
      if (!named) return { outcome: "usable", arn: null, problem: null };
      const key = await lookUp(context, run, named);
      const unusable = keyProblem(named, key);
      if (unusable) return refuse(named, run, unusable);
      await store.savePin(run.application, resource.name, run.target, {
        arn: key.arn,
        key: named,
        pinnedAt: now().toISOString(),
      });
      return { outcome: "usable", arn: key.arn, problem: null };
    }

    const current = named ? await lookUp(context, run, named).catch(ifAnswered) : null;
    const pinned = current?.arn === pin.arn ? current : await lookUp(context, run, pin.arn);
    const unusable = keyProblem(pin.arn, pinned);
    if (unusable) return refuse(pin.arn, run, unusable);
    const problem = current?.arn === pin.arn ? null : movedKey(named, pin.arn);
    if (problem) log.warn(problem, { resource: resource.name });
    return { outcome: "usable", arn: pin.arn, problem };
  } catch (error) {
    const because = `${codeOf(error)}: ${(error as Error).message}`;
    return isPassing(error) ? { outcome: "later", because } : refuse(pin?.arn ?? named ?? "", run, `: ${because}`);
  }
};

const lookUp = async ({ clients }: Context, run: Run, key: string): Promise<KeyFact> => {
  const region = key.startsWith("arn:") ? key.split(":")[3] : run.target;
  if (region === run.target) return describeKey(clients, run.target, key);
  throw Object.assign(new Error(`it belongs to ${region}`), { name: "NotFoundException" });
};

/** The key that the plan names may be gone: the pinned key decides. */
const ifAnswered = (error: unknown) => {
  if (isPassing(error)) throw error;
  return null;
};

const movedKey = (named: string | null, arn: string) =>
  `${named ?? "no key"} is not the key of the earlier copies: copies stay under ${arn}; lifeboat rekey shows what changing costs`;

const refuse = (key: string, run: Run, what: string): UsableKey => ({
  outcome: "refused",
  because: `key ${key} in ${run.target} ${what}`.replace(" :", ":"),
});
