import { codeOf } from "../../../aws/calls/errors.ts";
import { describeInstancesById, describeSelected, type Instance, isStopProtected } from "../../../aws/ec2/instances.ts";
import { interfacesIn } from "../../../aws/ec2/network-acls.ts";
import { type KeptServer, losesStore, planIsolation } from "../../../core/fence/isolation.ts";
import { remediesOf } from "../../../core/fence/summary.ts";
import type { Findings } from "../../../core/findings.ts";
import type { Candidate } from "../../../core/instances/launch/preflight-rules.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import { isDenial } from "../../../core/readiness/proof.ts";
import { attempt } from "../../../runtime/attempt.ts";
import type { Context } from "../../../runtime/context.ts";
import { optional } from "./conditions.ts";

/** Servers that are asked whether they may be stopped: half of the token bucket of that call. [EC2dev:ec2-api-throttling] */
const asksMax = 50;
/** A source that answers has begun to by then; one that does not is not waited for: no call of Preflight takes longer. */
const firstAnswerSeconds = 1;

/**
 * Would Fence refuse, because a server that it may not stop (stop protection, instance-store data) sits in a subnet that it
 * cannot close? Asked before anything is launched, by short calls; a subnet that is held is closed already. What will be
 * isolated instead of stopped is a warning. A server of a point that has lost the tags of the plan is one that the roles may not
 * stop. A source that does not answer is no problem, as Fence has its own rule for that.
 */
export const checkIsolation = async (
  context: Context,
  run: Run,
  resources: Resource[],
  candidates: Candidate[],
): Promise<Findings> => {
  const stores = candidates.flatMap(({ ref, manifest }) => (manifest.instanceStoreVolumes ? [ref.server] : []));
  if (candidates.length === 0) return nothing;
  const what = stores.length > 0 ? `whether the subnets of ${stores.join(", ")} can be closed` : "what may be stopped";
  return optional(what, () => look(context, run, resources, candidates, new Set(stores)));
};

/** The roles stop what carries the tags of a plan: EC2 refuses it of another one, as it refuses to say whether it is protected. */
const losesTags = "no longer has the tags of the plan, and the fence may not stop it";

const nothing: Findings = { problems: [], warnings: [] };

const look = async (
  context: Context,
  { application, source }: Run,
  resources: Resource[],
  candidates: Candidate[],
  stores: Set<string>,
): Promise<Findings> => {
  const { clients, store } = context;
  const ids = candidates.map(({ ref }) => ref.server);
  const byTag = resources.map(({ select }) => describeSelected(clients, source, select.tags, "optional"));
  const listings = [describeInstancesById(clients, source, ids, "optional"), ...byTag];
  const first = await attempt(context, "what runs", Promise.race(listings), firstAnswerSeconds);
  if (!first.answered && stores.size === 0) return nothing;
  if (!first.value) throw Object.assign(new Error("no answer"), { name: first.code });
  const [byId = [], ...selected] = await Promise.all(listings);
  const tagged = new Set(selected.flat().map(({ InstanceId }) => InstanceId ?? ""));
  const listed = new Map([...byId, ...selected.flat()].map((instance) => [instance.InstanceId ?? "", instance]));
  const running = [...listed].filter(([, { State }]) => State?.Name === "running");
  const open = running.filter(([server, { InstanceLifecycle }]) => !stores.has(server) && !InstanceLifecycle);
  const untaggedFirst = [...open.filter(([id]) => !tagged.has(id)), ...open.filter(([id]) => tagged.has(id))];
  const asked = untaggedFirst.slice(0, asksMax).map(([server]) => server);
  const ask = (id: string) => isStopProtected(clients, source, id, "optional").catch(codeOf);
  const protections = new Map(await Promise.all(asked.map(async (id) => [id, await ask(id)] as const)));
  const refusals = [...protections].flatMap(([id, said]) => (typeof said === "string" ? [{ id, code: said }] : []));
  const isUntagged = ({ id, code }: { id: string; code: string }) => !tagged.has(id) && isDenial(code);

  const of = (servers: string[], why: string): KeptServer[] =>
    servers.map((server) => ({ server, why, subnets: subnetsOf(listed.get(server)) }));
  const storing = of(
    running.flatMap(([server]) => (stores.has(server) ? [server] : [])),
    losesStore,
  );
  const kept = of(
    asked.filter((id) => protections.get(id) === true),
    "is protected against stopping",
  );
  const untagged = of(
    refusals.filter(isUntagged).map(({ id }) => id),
    losesTags,
  );
  const spot = of(
    running.flatMap(([server, { InstanceLifecycle }]) => (InstanceLifecycle === "spot" ? [server] : [])),
    "is a Spot Instance, which EC2 stops only if its request is persistent",
  );

  const subnets = [...new Set([...storing, ...kept, ...untagged, ...spot].flatMap((server) => server.subnets))];
  const interfaces = subnets.length > 0 ? await interfacesIn(clients, source, subnets) : [];
  const records = subnets.length > 0 ? await store.fenceRecords(application, source) : [];
  const shut = new Set(records.flatMap(({ kind, id }) => (kind === "subnet" ? [id] : [])));
  const acls = subnets.map((subnet) => ({ subnet, isOurs: shut.has(subnet), deniesAll: true }));
  const problemsOf = (one: KeptServer) =>
    planIsolation([one], { interfaces, acls, ours: new Set(listed.keys()) }).problems;
  const remedy = ({ server }: KeptServer) => remediesOf(source, [{ server, code: "OperationNotPermitted" }]);
  const sentenceOf = ({ server, why }: KeptServer) => `${server} ${why}: the fence closes its subnets instead`;
  const unknown = Map.groupBy(
    refusals.filter((one) => !isUntagged(one)),
    ({ code }) => code,
  );
  const unasked = open.length - asked.length;
  return {
    problems: [
      ...storing.flatMap(problemsOf),
      ...kept.flatMap((one) => problemsOf(one).map((problem) => `${problem}. ${remedy(one)}`)),
      ...untagged.flatMap((one) => problemsOf(one).map((problem) => `${problem}. Tag it again.`)),
    ],
    warnings: [
      ...kept.flatMap((one) => (problemsOf(one).length > 0 ? [] : sentenceOf(one))),
      ...untagged.flatMap((one) => (problemsOf(one).length > 0 ? [] : `${sentenceOf(one)}; tag it again`)),
      ...asked.flatMap((id) =>
        tagged.has(id) || protections.get(id) !== false ? [] : `${id} ${losesTags}; tag it again`,
      ),
      ...[...unknown].map(
        ([code, some]) =>
          `whether ${some.map(({ id }) => id).join(", ")} may be stopped could not be checked (${code})`,
      ),
      ...spot.flatMap((one) => problemsOf(one)[0] ?? sentenceOf(one)),
      ...(unasked > 0 ? [`whether ${unasked} more servers are protected against stopping was not asked`] : []),
    ],
  };
};

const subnetsOf = ({ NetworkInterfaces = [] }: Instance = {}) => [
  ...new Set(NetworkInterfaces.flatMap(({ SubnetId }) => SubnetId ?? [])),
];
