import { aclsOf, deleteUnusedAcls, interfacesIn, isolationAcl, replaceAcl } from "../../../aws/ec2/network-acls.ts";
import {
  type IsolationPlan,
  isIsolated,
  type KeptServer,
  planIsolation,
  type SubnetAcl,
} from "../../../core/fence/isolation.ts";
import type { HeldSubnet } from "../../../core/fence/undo-log.ts";
import { type LeftThing, thingOf } from "../../../core/fence/unfence.ts";
import { isolationToken } from "../../../core/names.ts";
import { attempt } from "../../../runtime/attempt.ts";
import type { Place } from "./undo-log.ts";

/** How the servers stand that are not to be stopped, and others that may be cut off. `plan` is null as long as nobody told. */
export type SubnetLook = { plan: IsolationPlan | null; isolated: Set<string>; answered: boolean; refused: boolean };

const nothing: SubnetLook = {
  plan: { subnets: [], problems: [] },
  isolated: new Set(),
  answered: true,
  refused: false,
};

/**
 * `ours`: every server of the plan; a subnet that holds anything else is not closed. `others`: servers of which it is only
 * asked whether they are isolated.
 */
export const lookAtSubnets = async (
  place: Place,
  kept: KeptServer[],
  ours: Set<string>,
  others: Pick<KeptServer, "server" | "subnets">[] = [],
): Promise<SubnetLook> => {
  const { context, application, region } = place;
  const { clients } = context;
  const all = [...kept, ...others];
  if (all.length === 0) return nothing;
  const subnets = [...new Set(all.flatMap((server) => server.subnets))].sort();
  // a filter without values is an error
  if (subnets.length === 0) return { ...nothing, plan: planIsolation(kept, { interfaces: [], acls: [], ours }) };
  const [interfaces, acls] = await Promise.all([
    attempt(context, "network interfaces", interfacesIn(clients, region, subnets)),
    attempt(context, "network ACLs", aclsOf(clients, region, application, subnets)),
  ]);
  const read = { answered: interfaces.answered && acls.answered, refused: interfaces.refused || acls.refused };
  if (!interfaces.value || !acls.value) return { ...read, plan: null, isolated: new Set() };
  const found = acls.value;
  return {
    ...read,
    plan: planIsolation(kept, { interfaces: interfaces.value, acls: found, ours }),
    isolated: new Set(all.filter((server) => isIsolated(server, found)).map(({ server }) => server)),
  };
};

/** Gives each of these subnets the application's ACL that denies everything. Safe to run twice. */
export const closeSubnets = async (place: Place, subnets: SubnetAcl[]) => {
  const { context, application, region, by } = place;
  const { clients } = context;
  const results = { answered: true, refused: false, changed: [] as string[] };
  for (const [vpc, all] of Map.groupBy(subnets, (subnet) => subnet.vpc)) {
    const token = isolationToken(place.token, vpc);
    const made = await attempt(context, "deny-all ACL", isolationAcl(clients, region, { application, vpc, by, token }));
    const acl = made.value;
    const asked = acl
      ? await Promise.all(
          all.map(({ association }) => attempt(context, "isolate", replaceAcl(clients, region, association, acl))),
        )
      : [made];
    results.answered &&= asked.every(({ answered }) => answered);
    results.refused ||= asked.some(({ refused, code }) => refused && !isStale(code) && !isUnseen(code));
    if (acl) results.changed.push(...all.filter((_, at) => asked[at]!.code === null).map(({ subnet }) => subnet));
  }
  return results;
};

/** The association has just been replaced by another: the next look shows it. */
const isStale = (code: string | null) => code === "InvalidAssociationID.NotFound";
/** An ACL that was made a moment ago is not seen everywhere yet. [EC2dev:eventual-consistency] */
const isUnseen = (code: string | null) => code === "InvalidNetworkAclID.NotFound";

/** Gives each subnet that has our ACL its former one back, and deletes ours; gives the subnets that are not read back as open. */
export const reopenSubnets = async (place: Place, held: HeldSubnet[]): Promise<LeftThing[]> => {
  const { context, application, region } = place;
  const { clients } = context;
  if (held.length === 0) return [];
  const read = await attempt(
    context,
    "network ACLs",
    aclsOf(
      clients,
      region,
      application,
      held.map(({ id }) => id),
    ),
  );
  const reopen = async ({ kind, id, formerAcl }: HeldSubnet): Promise<LeftThing[]> => {
    const thing = thingOf({ kind, id });
    if (!read.value) return [{ thing, code: read.code ?? "isolated", lasting: read.refused }];
    const now = read.value.find(({ subnet }) => subnet === id);
    // someone has given it another one, or deleted it: nothing of ours is left there
    if (!now?.isOurs) return [];
    const asked = await attempt(context, "put back", replaceAcl(clients, region, now.association, formerAcl));
    const lasting = asked.refused && !isStale(asked.code);
    return [{ thing, code: asked.code ?? "being opened", lasting }];
  };
  const left = (await Promise.all(held.map(reopen))).flat();
  if (left.length > 0) return left;
  const vpcs = [...new Set(held.map(({ vpc }) => vpc))];
  await attempt(context, "delete ACL", deleteUnusedAcls(clients, region, application, vpcs));
  return [];
};
