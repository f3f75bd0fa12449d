import { trySuspend } from "../../aws/auto-scaling.ts";
import { describeSelected, tryStop } from "../../aws/instances.ts";
import { tryIsolationAcl } from "../../aws/network-acls.ts";
import type { Tried } from "../../core/proof.ts";
import type { Context } from "../../runtime/context.ts";
import type { Proof } from "../../runtime/proof.ts";

/** Tries to stop one server of each resource in the source, and to close its network off; all of them go on as they are. */
export const proveFence = async ({ run, plan }: Proof, { clients }: Context): Promise<Tried[]> => {
  const { application, source } = run;
  const listed = await Promise.all(
    plan.protect.map(({ select }) => describeSelected(clients, source, select.tags, "optional")),
  );
  const servers = listed.flatMap(([first]) => first ?? []);
  const networks = new Set(servers.flatMap(({ VpcId }) => VpcId ?? []));
  return Promise.all([
    ...servers.map(({ InstanceId = "" }) => tryStop(clients, source, InstanceId)),
    ...[...networks].map((vpc) => tryIsolationAcl(clients, source, application, vpc)),
    trySuspend(clients, source),
  ]);
};
