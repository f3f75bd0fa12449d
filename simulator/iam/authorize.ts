/** IAM before each call: evaluates the caller's policy and records denials. */

import { AwsError, type CallRecord, type World } from "../kernel.ts";
import { denialNameOf } from "../scenario/call-faults.ts";
import { shelvesOf } from "./ec2-requests.ts";
import { type Asking, isAllowed, type Statement } from "./policy.ts";
import { askedOf } from "./requests.ts";

/** What a role was not allowed, with the call that needed it. */
export type Denial = Asking & { step: string; region: string };

/**
 * What is not there has no tags: EC2 says no to whoever needs one, where it would say NotFound to others, and that is no want of
 * a right. [karpenter-provider-aws#2100]
 */
const isGone = (world: World, { operation, region }: CallRecord, { resource }: Asking) => {
  const [, type = "", id = ""] = /:([a-z-]+)\/([^/]+)$/.exec(resource) ?? [];
  const shelf = /^(Deregister|Delete|Terminate|Lock)/.test(operation) && shelvesOf(world, region)[type];
  return Boolean(shelf) && !(shelf as Map<string, unknown>).has(id);
};

/**
 * From now on each call is looked at as IAM does, with the tags that things have at that instant: a role that is too narrow
 * gets the error that AWS would give. `roleOf`: the statements of whoever calls, null = not one of ours. Gives the list that
 * denials are written into.
 */
export const authorize = (world: World, roleOf: (call: CallRecord) => Statement[] | null): Denial[] => {
  const denials: Denial[] = [];
  world.authorize = (call) => {
    const role = roleOf(call);
    if (!role) return;
    const denied = askedOf(call, world).filter((asking) => !isAllowed(role, asking));
    denials.push(
      ...denied
        .filter((asking) => !isGone(world, call, asking))
        .map((asking) => ({ ...asking, step: call.step, region: call.region })),
    );
    const [first] = denied;
    if (first)
      throw new AwsError(
        denialNameOf(call.service),
        `User: arn:aws:sts::111122223333:assumed-role/lifeboat is not authorized to perform: ${first.action} on resource: ${first.resource}`,
        403,
      );
  };
  return denials;
};
