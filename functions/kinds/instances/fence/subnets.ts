import { aclsOf, deleteUnusedAcls, isolationAcl, replaceAcl } from "../../../aws/ec2/network-acls.ts";
import type { Reply } from "../../../core/fence/facts.ts";
import type { SubnetAcl } from "../../../core/fence/isolation.ts";
import type { SubnetRecord } from "../../../core/fence/undo-log.ts";
import { type LeftChange, titleOf } from "../../../core/fence/unfence.ts";
import { isolationToken } from "../../../core/names.ts";
import { type Attempt, attempt } from "../../../runtime/attempt.ts";
import type { FenceTarget } from "./undo-log.ts";

/** Gives each of these subnets the application's ACL that denies everything; `changed`: those that have it now. Safe to run twice. */
export const isolateSubnets = async (
  target: FenceTarget,
  subnets: SubnetAcl[],
): Promise<Reply & { changed: string[] }> => {
  const { context, application, region, by } = target;
  const replies: Attempt<unknown>[] = [];
  const changed: string[] = [];
  for (const [vpc, all] of Map.groupBy(subnets, (subnet) => subnet.vpc)) {
    const order = { application, vpc, by, token: isolationToken(target.token, vpc) };
    const made = await attempt(context, "deny-all ACL", isolationAcl(context.clients, region, order));
    replies.push(made);
    const acl = made.value;
    if (!acl) continue;
    const replaced = await Promise.all(all.map(({ association }) => replace(target, "isolate", association, acl)));
    replies.push(...replaced);
    changed.push(...all.filter((_, at) => replaced[at]!.code === null).map(({ subnet }) => subnet));
  }
  return { answered: replies.every(({ answered }) => answered), refused: replies.some(isLasting), changed };
};

const replace = ({ context, region }: FenceTarget, what: string, association: string, acl: string) =>
  attempt(context, what, replaceAcl(context.clients, region, association, acl));

/** The association was just replaced by another: the next read shows it. */
const isStale = (code: string | null) => code === "InvalidAssociationID.NotFound";
/** An ACL that was just made is not seen everywhere yet. [EC2dev:eventual-consistency] */
const isUnseen = (code: string | null) => code === "InvalidNetworkAclID.NotFound";
const isLasting = ({ refused, code }: Attempt<unknown>) => refused && !isStale(code) && !isUnseen(code);

/** Gives each subnet that has our ACL its former one back, and deletes ours; returns the subnets that are not read back as open. */
export const reopenSubnets = async (target: FenceTarget, records: SubnetRecord[]): Promise<LeftChange[]> => {
  if (records.length === 0) return [];
  const { context, application, region } = target;
  const ids = records.map(({ id }) => id);
  const acls = await attempt(context, "network ACLs", aclsOf(context.clients, region, application, ids));
  const reopen = async ({ kind, id, formerAcl }: SubnetRecord): Promise<LeftChange[]> => {
    const title = titleOf({ kind, id });
    if (!acls.value) return [{ title, code: acls.code ?? "isolated", lasting: acls.refused }];
    const now = acls.value.find(({ subnet }) => subnet === id);
    // it was given another one, or deleted: nothing of ours is left there
    if (!now?.isOurs) return [];
    const replaced = await replace(target, "put back", now.association, formerAcl);
    const lasting = replaced.refused && !isStale(replaced.code);
    return [{ title, code: replaced.code ?? "being opened", lasting }];
  };
  const left = (await Promise.all(records.map(reopen))).flat();
  if (left.length > 0) return left;
  const vpcs = [...new Set(records.map(({ vpc }) => vpc))];
  await attempt(context, "delete ACL", deleteUnusedAcls(context.clients, region, application, vpcs));
  return [];
};
