/** Elastic IP addresses. */

import type {
  AssociateAddressRequest,
  DescribeAddressesRequest,
  DisassociateAddressRequest,
} from "@aws-sdk/client-ec2";
import { AwsError, type Services } from "../kernel.ts";
import { type Fields, list } from "./listing.ts";
import { type Address, ec2Of, known } from "./state.ts";

export const addresses: Services["EC2"] & object = {
  DescribeAddresses(input: DescribeAddressesRequest, { world, region }) {
    const { addresses, instances } = ec2Of(world, region);
    for (const id of input.AllocationIds ?? []) known(world, addresses, id, "address");
    const from = [...addresses.values()].filter(
      ({ id, publicAddress }) =>
        (input.AllocationIds?.includes(id) ?? true) && (input.PublicIps?.includes(publicAddress) ?? true),
    );
    // DescribeAddresses has no pages [SDK EC2: DescribeAddressesRequest]
    const { items } = list(world, from, fields, { Filters: input.Filters, whole: true });
    const Addresses = items.map(({ id, publicAddress, instance, association, tags }) => ({
      AllocationId: id,
      PublicIp: publicAddress,
      Domain: "vpc",
      ...(instance && {
        InstanceId: instance,
        AssociationId: association ?? "",
        NetworkInterfaceId: instances.get(instance)?.networkInterface,
        PrivateIpAddress: instances.get(instance)?.privateAddress,
      }),
      Tags: tags,
    }));
    return { Addresses };
  },

  /** Repeatable: the same association again is no error. [SDK EC2: AssociateAddress] */
  AssociateAddress(input: AssociateAddressRequest, { world, region }) {
    const { addresses, instances, networkInterfaces } = ec2Of(world, region);
    const address = known(world, addresses, input.AllocationId, "address");
    const owner = input.NetworkInterfaceId
      ? known(world, networkInterfaces, input.NetworkInterfaceId, "interface").instance
      : input.InstanceId;
    const instance = known(world, instances, owner ?? undefined, "instance");
    if (instance.state !== "running" && instance.state !== "stopped")
      throw new AwsError(
        "InvalidInstanceID",
        `The ${instance.state} instance '${instance.id}' is not in a valid state for this operation.`,
      );
    if (address.instance && address.instance !== instance.id && !input.AllowReassociation)
      throw new AwsError(
        "Resource.AlreadyAssociated",
        `resource ${address.id} is already associated with associate-id ${address.association}`,
      );
    for (const other of addresses.values())
      if (other !== address && other.instance === instance.id)
        Object.assign(other, { instance: null, association: null });
    if (address.instance !== instance.id)
      Object.assign(address, { instance: instance.id, association: world.id("eipassoc") });
    return { AssociationId: address.association };
  },

  DisassociateAddress({ AssociationId }: DisassociateAddressRequest, { world, region }) {
    const address = [...ec2Of(world, region).addresses.values()].find(
      ({ association }) => association === AssociationId,
    );
    if (!address)
      throw new AwsError("InvalidAssociationID.NotFound", `The association ID '${AssociationId}' does not exist`);
    Object.assign(address, { instance: null, association: null });
    return {};
  },
};

const fields: Fields<Address> = {
  "allocation-id": ({ id }) => [id],
  "instance-id": ({ instance }) => [instance],
  "public-ip": ({ publicAddress }) => [publicAddress],
};
