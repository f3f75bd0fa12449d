import { tryRun } from "../../aws/instances.ts";
import { describeSubnets } from "../../aws/subnets.ts";
import { tagSpecification } from "../../aws/tags.ts";
import { choosePoint } from "../../core/choose-point.ts";
import { launchRequest, tagsOf } from "../../core/launch-request.ts";
import type { Resource } from "../../core/plan.ts";
import type { Tried } from "../../core/proof.ts";
import type { Run } from "../../core/run.ts";
import { slotsOf, subnetIdsOf } from "../../core/slots.ts";
import type { Context } from "../../runtime/context.ts";
import type { Proof } from "../../runtime/proof.ts";
import { candidatesOf } from "./candidates.ts";

/** Tries to launch one server of each resource, as a failover would in its first slot; nothing is made. */
export const proveLaunch = ({ run, plan }: Proof, context: Context): Promise<Tried[]> =>
  Promise.all(plan.protect.map((resource) => tryServer(context, run, resource)));

const tryServer = async (context: Context, run: Run, resource: Resource): Promise<Tried> => {
  const { store, clients } = context;
  const { application, target } = run;
  const untried = (because: string): Tried => ({
    action: "ec2:RunInstances",
    region: target,
    found: "unknown",
    because,
  });
  const point = choosePoint(await store.points(application, resource.name), resource.name, { kind: "latest" }, run);
  const manifests = point ? await store.manifests(application, point.id) : [];
  const candidate = candidatesOf(resource, { manifests }).find(({ manifest }) => manifest.image);
  if (!candidate) return untried(`${resource.name}: no complete recovery point with an image`);
  const { manifest, ref: server } = candidate;
  const [slot] = slotsOf(
    resource.launch,
    manifest,
    server.zone,
    await describeSubnets(clients, target, subnetIdsOf(resource.launch)),
  );
  if (!slot) return untried(`${resource.name}: no subnet takes ${manifest.name}`);
  const text = resource.launch.userData === "none" ? null : manifest.userData;
  const userData = text ? await store.userData(application, text) : null;
  const { tags, volume } = tagsOf(run, server, resource, manifest);
  return tryRun(clients, target, {
    // a server of the source may still have the address, which is no question of rights
    ...launchRequest({
      run,
      server,
      resource,
      manifest,
      slot: { ...slot, address: null },
      image: manifest.image ?? "",
      userData,
    }),
    TagSpecifications: [
      tagSpecification("instance", tags),
      tagSpecification("volume", volume),
      tagSpecification("network-interface", tags),
    ],
  });
};
