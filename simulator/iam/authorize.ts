import { denialNameOf } from "../faults.ts";
import { AwsError, type CallRecord, type World } from "../kernel.ts";
import { type Asking, isAllowed, type Statement } from "./policy.ts";
import { askedOf } from "./requests.ts";

/** What a role was not allowed, with the call that needed it. */
export type Denial = Asking & { step: string; region: string };

/**
 * What an earlier try has deleted, whose reply was lost, has no tags any more: EC2 says no to the repetition, which is no want of
 * a right.
 */
const isGone = ({ operation }: CallRecord, { keys }: Asking) =>
  /^(Deregister|Delete)/.test(operation) && !Object.keys(keys).some((key) => key.includes("ResourceTag/"));

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
        .filter((asking) => !isGone(call, asking))
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
