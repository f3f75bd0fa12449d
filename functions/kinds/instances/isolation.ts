import { describeInstancesById, describeSelected } from "../../aws/instances.ts";
import { interfacesIn } from "../../aws/network-acls.ts";
import { losesStore, planIsolation } from "../../core/isolation.ts";
import type { Resource } from "../../core/plan.ts";
import type { Candidate, Findings } from "../../core/preflight-rules.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { optional } from "./conditions.ts";

/**
 * Would Fence refuse, because a server that it may not stop sits in a subnet that it cannot close? Asked before anything
 * is launched, by short calls; a subnet that is held is closed already. A source that does not answer is a warning, as
 * Fence has its own rule for that.
 */
export const checkIsolation = async (
  { clients, store }: Context,
  { application, source }: Run,
  resources: Resource[],
  candidates: Candidate[],
): Promise<Findings> => {
  const storing = candidates.flatMap(({ ref, manifest }) => (manifest.instanceStoreVolumes ? [ref.server] : []));
  if (storing.length === 0) return { problems: [], warnings: [] };
  return optional(`whether the subnets of ${storing.join(", ")} can be closed`, async () => {
    const known = candidates.map(({ ref }) => ref.server);
    const byTag = resources.map(({ select }) => describeSelected(clients, source, select.tags, "optional"));
    const byId = describeInstancesById(clients, source, known, "optional");
    const listed = new Map(
      (await Promise.all([byId, ...byTag])).flat().map((instance) => [instance.InstanceId ?? "", instance]),
    );
    const kept = storing.flatMap((server) => {
      const { State, NetworkInterfaces = [] } = listed.get(server) ?? {};
      const subnets = [...new Set(NetworkInterfaces.flatMap(({ SubnetId }) => SubnetId ?? []))];
      return State?.Name === "running" ? [{ server, why: losesStore, subnets }] : [];
    });
    const held = await store.held(application, source);
    const shut = held.flatMap(({ kind, id }) => (kind === "subnet" ? [id] : []));
    const subnets = [...new Set(kept.flatMap((server) => server.subnets))];
    const interfaces = subnets.length > 0 ? await interfacesIn(clients, source, subnets) : [];
    const acls = subnets.map((subnet) => ({ subnet, isOurs: shut.includes(subnet), deniesAll: true }));
    return { problems: planIsolation(kept, { interfaces, acls, ours: new Set(listed.keys()) }).problems, warnings: [] };
  });
};
