import { describeInstances, type Instance } from "../../../aws/ec2/instances.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";

/**
 * Addresses of the resource's servers that this run launched and found good, by record type. A server whose
 * verification failed (minimum below 100 %) is left out. A private zone gets private addresses, another one public ones
 * where there are any.
 */
export const launchedAddresses = async (
  context: Context,
  run: Run,
  resource: string,
): Promise<Record<string, string[]>> => {
  const ledger = await context.store.ledger(run.application, run.name);
  const good = ledger.filter(({ state, outcome }) => state === "Verify" && outcome === "Served");
  const served = good.map(({ detail }) => detail.instance);
  const found = await describeInstances(context.clients, run.target, [
    { Name: `tag:${tagKeys.run}`, Values: [run.name] },
    { Name: `tag:${tagKeys.resource}`, Values: [resource] },
    { Name: "instance-state-name", Values: ["running"] },
  ]);
  const servers = found.filter(({ InstanceId }) => served.length === 0 || served.includes(InstanceId));
  const addresses = (of: (instance: Instance) => string | undefined) =>
    servers.flatMap((instance) => of(instance) ?? []).sort();
  const open = addresses(({ PublicIpAddress }) => PublicIpAddress);
  const inside = addresses(({ PrivateIpAddress }) => PrivateIpAddress);
  const six = addresses(({ Ipv6Address }) => Ipv6Address);
  return { A: open.length > 0 ? open : inside, "private A": inside, AAAA: six, "private AAAA": six };
};
