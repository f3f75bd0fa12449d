import {
  CreateNetworkAclCommand,
  DeleteNetworkAclCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type Filter,
  type NetworkAcl,
  ReplaceNetworkAclAssociationCommand,
} from "@aws-sdk/client-ec2";
import type { SubnetAcl, SubnetInterface } from "../../core/fence/isolation.ts";
import { tagKeys } from "../../core/names.ts";
import type { Clients } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";
import { unlessGone } from "../calls/gone.ts";
import { tryRight } from "../calls/try-right.ts";

/** Every network interface in these subnets, and the server that it is attached to; by short calls (invariant 3). */
export const interfacesIn = async (clients: Clients, region: string, subnets: string[]): Promise<SubnetInterface[]> => {
  const ec2 = clients(EC2Client, region, "optional");
  const ask = (page: object) => ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 1000, ...page }));
  const found: SubnetInterface[] = [];
  for await (const { NetworkInterfaces = [] } of pagesOf([{ Name: "subnet-id", Values: subnets }], ask))
    for (const { NetworkInterfaceId = "", SubnetId = "", Attachment } of NetworkInterfaces)
      found.push({ id: NetworkInterfaceId, subnet: SubnetId, server: Attachment?.InstanceId ?? null });
  return found;
};

/** The ACL that each of these subnets has now. `ours`: it carries the tag of the application. */
export const aclsOf = async (
  clients: Clients,
  region: string,
  application: string,
  subnets: string[],
): Promise<SubnetAcl[]> => {
  const acls = await describeAcls(clients, region, [{ Name: "association.subnet-id", Values: subnets }]);
  return acls.flatMap((acl) =>
    (acl.Associations ?? [])
      .filter(({ SubnetId }) => subnets.includes(SubnetId ?? ""))
      .map(({ SubnetId = "", NetworkAclAssociationId = "" }) => ({
        subnet: SubnetId,
        vpc: acl.VpcId ?? "",
        acl: acl.NetworkAclId ?? "",
        association: NetworkAclAssociationId,
        isOurs: acl.Tags?.some(({ Key, Value }) => Key === tagKeys.application && Value === application) ?? false,
        deniesAll: deniesAll(acl),
      })),
  );
};

/**
 * The deny-all ACL of an application in a VPC: the one that is there, or a new one, which denies everything until rules
 * are added. [VPC: custom-network-acl] The token keeps a second try from making a second one (invariant 5).
 */
export const isolationAcl = async (
  clients: Clients,
  region: string,
  { application, vpc, by, token }: { application: string; vpc: string; by: string; token: string },
): Promise<string> => {
  const [known] = (await ownAcls(clients, region, application, vpc)).filter(deniesAll);
  if (known?.NetworkAclId) return known.NetworkAclId;
  const Tags = [
    { Key: tagKeys.application, Value: application },
    { Key: tagKeys.run, Value: by },
    { Key: "Name", Value: `lifeboat-${application}-isolation` },
  ];
  const { NetworkAcl: made } = await clients(EC2Client, region, "optional").send(
    new CreateNetworkAclCommand({
      VpcId: vpc,
      ClientToken: token,
      TagSpecifications: [{ ResourceType: "network-acl", Tags }],
    }),
  );
  if (made?.NetworkAclId && deniesAll(made)) return made.NetworkAclId;
  throw new Error(`CreateNetworkAcl in ${region} gave no ACL that denies everything`);
};

/** May the caller make a deny-all ACL with our tags in this VPC? None is made. */
export const tryIsolationAcl = (clients: Clients, region: string, application: string, vpc: string) =>
  tryRight("ec2:CreateNetworkAcl", region, () =>
    clients(EC2Client, region, "optional").send(
      new CreateNetworkAclCommand({
        VpcId: vpc,
        TagSpecifications: [{ ResourceType: "network-acl", Tags: [{ Key: tagKeys.application, Value: application }] }],
        DryRun: true,
      }),
    ),
  );

/** Gives the subnet of an association another ACL; the association has a new id then. */
export const replaceAcl = async (clients: Clients, region: string, association: string, acl: string) => {
  await clients(EC2Client, region, "optional").send(
    new ReplaceNetworkAclAssociationCommand({ AssociationId: association, NetworkAclId: acl }),
  );
};

/** May the caller give this subnet another ACL? Tried with the one that it has; it keeps its association. */
export const tryReplaceAcl = (clients: Clients, region: string, { association, acl }: SubnetAcl) =>
  tryRight("ec2:ReplaceNetworkAclAssociation", region, () =>
    clients(EC2Client, region, "optional").send(
      new ReplaceNetworkAclAssociationCommand({ AssociationId: association, NetworkAclId: acl, DryRun: true }),
    ),
  );

/** Deletes the application's ACLs of these VPCs that no subnet has any more. */
export const deleteUnusedAcls = async (clients: Clients, region: string, application: string, vpcs: string[]) => {
  for (const vpc of vpcs)
    for (const { NetworkAclId, Associations = [] } of await ownAcls(clients, region, application, vpc))
      if (Associations.length === 0) await deleteAcl(clients, region, NetworkAclId ?? "");
};

const deleteAcl = async (clients: Clients, region: string, NetworkAclId: string) => {
  const isThere = async () =>
    (await describeAcls(clients, region, [{ Name: "network-acl-id", Values: [NetworkAclId] }])).length > 0;
  const command = new DeleteNetworkAclCommand({ NetworkAclId });
  const gone = ["InvalidNetworkAclID.NotFound"];
  await unlessGone(() => clients(EC2Client, region, "optional").send(command), gone, isThere);
};

const ownAcls = (clients: Clients, region: string, application: string, vpc: string) =>
  describeAcls(clients, region, [
    { Name: "vpc-id", Values: [vpc] },
    { Name: `tag:${tagKeys.application}`, Values: [application] },
  ]);

const deniesAll = ({ Entries, IsDefault }: NetworkAcl) =>
  !IsDefault && (Entries ?? []).every(({ RuleAction }) => RuleAction === "deny");

const describeAcls = async (clients: Clients, region: string, filters: Filter[]): Promise<NetworkAcl[]> => {
  const ec2 = clients(EC2Client, region, "optional");
  const ask = (page: object) => ec2.send(new DescribeNetworkAclsCommand({ MaxResults: 1000, ...page }));
  const found = new Map<string, NetworkAcl>();
  for await (const { NetworkAcls = [] } of pagesOf(filters, ask))
    for (const acl of NetworkAcls) found.set(acl.NetworkAclId ?? "", acl);
  return [...found.values()];
};
