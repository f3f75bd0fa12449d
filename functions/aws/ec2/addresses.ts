import { type Address, AssociateAddressCommand, DescribeAddressesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { noServer, type Tried, triedWithout } from "../../core/readiness/proof.ts";
import type { Clients } from "../calls/clients.ts";
import { portionsOf } from "../calls/filters.ts";
import { tryRight } from "../calls/try-right.ts";

export type ElasticIp = { id: string; address: string; instance: string | null; interface: string | null };

/** The Elastic IPs of these allocation ids that exist in the Region; an unknown id is left out. */
export const describeElasticIps = async (clients: Clients, region: string, ids: string[]): Promise<ElasticIp[]> => {
  const found: Address[] = [];
  for (const Filters of portionsOf([{ Name: "allocation-id", Values: ids }]))
    found.push(...((await clients(EC2Client, region).send(new DescribeAddressesCommand({ Filters }))).Addresses ?? []));
  return found.map((address) => ({
    id: address.AllocationId ?? "",
    address: address.PublicIp ?? "",
    instance: address.InstanceId || null,
    interface: address.NetworkInterfaceId || null,
  }));
};

/**
 * Gives the address to the instance. Repeatable; `Resource.AlreadyAssociated` when another one has it: it is never
 * taken away from that one. [SDK EC2: AssociateAddressRequest]
 */
export const associateElasticIp = async (clients: Clients, region: string, id: string, instance: string) => {
  await clients(EC2Client, region).send(
    new AssociateAddressCommand({ AllocationId: id, InstanceId: instance, AllowReassociation: false }),
  );
};

/** May the caller give this address away? A dry run, with a server that is not there, and so without the tag of a launched one. */
export const tryAssociate = async (clients: Clients, region: string, id: string): Promise<Tried[]> =>
  triedWithout(
    await tryRight(
      "ec2:AssociateAddress",
      region,
      () =>
        clients(EC2Client, region).send(
          new AssociateAddressCommand({ AllocationId: id, InstanceId: noServer, DryRun: true }),
        ),
      ["InvalidInstanceID.NotFound", "InvalidInstanceID"],
    ),
    "aws:ResourceTag/lifeboat:run",
  );
