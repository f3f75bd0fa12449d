/** Network ACLs and their subnet associations. */

import type {
  CreateNetworkAclRequest,
  DeleteNetworkAclRequest,
  DescribeNetworkAclsRequest,
  ReplaceNetworkAclAssociationRequest,
} from "@aws-sdk/client-ec2";
import { AwsError, account, type Services, type World } from "../kernel.ts";
import { type Fields, list } from "./listing.ts";
import { ec2Of, type Instance, kept, known, type NetworkAcl } from "./state.ts";
import { tagsFor } from "./tags.ts";

type Acls = {
  /** Subnet -> its association. One without has the default ACL of its VPC. */
  associations: Map<string, { id: string; acl: string }>;
  /** ClientToken -> what it made. [EC2dev: ec2-api-idempotency] */
  tokens: Map<string, { vpc: string; acl: string }>;
};

const aclsOf = (world: World, region: string) =>
  world.region("Network ACLs", region, (): Acls => ({ associations: new Map(), tokens: new Map() }));

/** Every VPC has one from the start, and every subnet an association. [VPC: default-network-acl] */
const settle = (world: World, region: string) => {
  const { networkAcls, subnets } = ec2Of(world, region);
  const { associations } = aclsOf(world, region);
  for (const { id, vpc } of subnets.values()) {
    let own = [...networkAcls.values()].find((acl) => acl.vpc === vpc && acl.isDefault);
    if (!own) {
      own = { ...kept(world, region, "acl"), visibleAt: 0, vpc, isDefault: true, allows: true };
      networkAcls.set(own.id, own);
    }
    if (!associations.has(id)) associations.set(id, { id: world.id("aclassoc"), acl: own.id });
  }
  return { networkAcls, associations };
};

/** Whether nothing gets in or out of the subnet of an instance. What is in it stays reachable from within. */
export const isIsolated = (world: World, region: string, { subnet }: Pick<Instance, "subnet">): boolean => {
  const acl = aclsOf(world, region).associations.get(subnet)?.acl;
  return acl !== undefined && ec2Of(world, region).networkAcls.get(acl)?.allows === false;
};

export const networkAcls: Services["EC2"] & object = {
  DescribeNetworkAcls(input: DescribeNetworkAclsRequest, { world, region }) {
    const { networkAcls } = settle(world, region);
    const { items, NextToken } = list(world, networkAcls.values(), aclFields(world, region), input);
    return { NetworkAcls: items.map((acl) => shapeOf(world, region, acl)), NextToken };
  },

  CreateNetworkAcl(input: CreateNetworkAclRequest, { world, region }) {
    const { networkAcls } = settle(world, region);
    const { tokens } = aclsOf(world, region);
    const { VpcId = "", ClientToken = "" } = input;
    const before = tokens.get(ClientToken);
    if (before && before.vpc !== VpcId) throw new AwsError("IdempotentParameterMismatch", "another VPC was asked for");
    const known = networkAcls.get(before?.acl ?? "");
    if (known) return { NetworkAcl: shapeOf(world, region, known), ClientToken };
    if (![...ec2Of(world, region).subnets.values()].some(({ vpc }) => vpc === VpcId))
      throw new AwsError("InvalidVpcID.NotFound", `The vpc ID '${VpcId}' does not exist`);
    const tags = tagsFor("network-acl", input.TagSpecifications);
    const made = { ...kept(world, region, "acl", tags), vpc: VpcId, isDefault: false, allows: false };
    networkAcls.set(made.id, made);
    tokens.set(ClientToken, { vpc: VpcId, acl: made.id });
    return { NetworkAcl: shapeOf(world, region, made), ClientToken };
  },

  /** The association with this id is no more: the subnet has a new one. [SDK EC2: ReplaceNetworkAclAssociation] */
  ReplaceNetworkAclAssociation(input: ReplaceNetworkAclAssociationRequest, { world, region }) {
    const { networkAcls, associations } = settle(world, region);
    const [subnet] = [...associations].find(([, { id }]) => id === input.AssociationId) ?? [];
    if (!subnet)
      throw new AwsError("InvalidAssociationID.NotFound", `The association ID '${input.AssociationId}' does not exist`);
    const acl = known(world, networkAcls, input.NetworkAclId, "acl");
    if (acl.vpc !== ec2Of(world, region).subnets.get(subnet)?.vpc)
      throw new AwsError("InvalidParameterValue", "The network ACL and the subnet belong to different VPCs");
    const made = { id: world.id("aclassoc"), acl: acl.id };
    associations.set(subnet, made);
    return { NewAssociationId: made.id };
  },

  DeleteNetworkAcl({ NetworkAclId }: DeleteNetworkAclRequest, { world, region }) {
    const { networkAcls, associations } = settle(world, region);
    const { id, isDefault } = known(world, networkAcls, NetworkAclId, "acl");
    if (isDefault || [...associations.values()].some(({ acl }) => acl === id))
      throw new AwsError("DependencyViolation", `The networkAcl '${id}' has dependencies and cannot be deleted.`);
    networkAcls.delete(id);
    return {};
  },
};

const shapeOf = (world: World, region: string, { id, vpc, isDefault, allows, tags }: NetworkAcl) => {
  const last = { RuleNumber: 32_767, Protocol: "-1", RuleAction: "deny", CidrBlock: "0.0.0.0/0" };
  const rules = [...(allows ? [{ ...last, RuleNumber: 100, RuleAction: "allow" }] : []), last];
  return {
    NetworkAclId: id,
    VpcId: vpc,
    IsDefault: isDefault,
    OwnerId: account,
    Entries: [true, false].flatMap((Egress) => rules.map((rule) => ({ ...rule, Egress }))),
    Associations: associationsOf(world, region, id).map(([SubnetId, association]) => ({
      NetworkAclAssociationId: association.id,
      NetworkAclId: id,
      SubnetId,
    })),
    Tags: tags,
  };
};

const associationsOf = (world: World, region: string, acl: string) =>
  [...aclsOf(world, region).associations].filter(([, one]) => one.acl === acl);

const aclFields = (world: World, region: string): Fields<NetworkAcl> => ({
  "network-acl-id": ({ id }) => [id],
  "vpc-id": ({ vpc }) => [vpc],
  default: ({ isDefault }) => [String(isDefault)],
  "association.subnet-id": ({ id }) => associationsOf(world, region, id).map(([subnet]) => subnet),
});
