import {
  CreateNetworkAclCommand,
  CreateTagsCommand,
  DeleteNetworkAclCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { isIsolated } from "../../simulator/ec2/network-acls.ts";
import { isServing } from "../../simulator/ec2/serves.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const region = "eu-west-1";
const scene = ({ world, clients, advance }: Simulated) => {
  const ec2 = clients(EC2Client, region);
  const [instance] = [...ec2Of(world, region).instances.values()];
  const { subnet } = instance!;
  const { vpc } = ec2Of(world, region).subnets.get(subnet)!;
  const aclOf = async () => {
    const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
    const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
    const association = NetworkAcls[0]?.Associations?.find(({ SubnetId }) => SubnetId === subnet);
    return { acl: NetworkAcls[0]!, association: association!.NetworkAclAssociationId! };
  };
  const make = (ClientToken: string, VpcId = vpc) => ec2.send(new CreateNetworkAclCommand({ VpcId, ClientToken }));
  return { world, ec2, advance, instance: instance!, vpc, aclOf, make };
};

test("every subnet has the default ACL of its VPC at first, which lets everything pass", () =>
  simulated({}, async (one) => {
    const { aclOf, instance, vpc, world } = scene(one);
    const { acl } = await aclOf();
    expect(acl).toMatchObject({ IsDefault: true, VpcId: vpc });
    expect(acl.Entries?.some(({ RuleAction }) => RuleAction === "allow")).toBe(true);
    expect(isIsolated(world, region, instance)).toBe(false);
  }));

test("an ACL that was made denies everything, and cuts off a subnet that is given it", () =>
  simulated({}, async (one) => {
    const { ec2, aclOf, make, instance, world, advance } = scene(one);
    const before = await aclOf();
    const { NetworkAcl } = await make("t");
    const NetworkAclId = NetworkAcl!.NetworkAclId!;
    expect(NetworkAcl?.Entries?.every(({ RuleAction }) => RuleAction === "deny")).toBe(true);
    const replace = new ReplaceNetworkAclAssociationCommand({ AssociationId: before.association, NetworkAclId });
    await expect(ec2.send(replace)).rejects.toThrow("does not exist");
    await advance(30);
    await ec2.send(replace);

    expect(isIsolated(world, region, instance)).toBe(true);
    expect(isServing(world, region, instance)).toBe(false);
    await expect(ec2.send(replace)).rejects.toMatchObject({ name: "InvalidAssociationID.NotFound" });
    await expect(ec2.send(new DeleteNetworkAclCommand({ NetworkAclId }))).rejects.toMatchObject({
      name: "DependencyViolation",
    });
    const now = await aclOf();
    expect(now.acl.NetworkAclId).toBe(NetworkAclId);
    const former = before.acl.NetworkAclId!;
    await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId: now.association, NetworkAclId: former }));
    await ec2.send(new DeleteNetworkAclCommand({ NetworkAclId }));
    expect(isServing(world, region, instance)).toBe(true);
    await expect(ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: former }))).rejects.toThrow("dependencies");
  }));

test("the same token makes one ACL, and another VPC with it is a mismatch", () =>
  simulated({}, async (one) => {
    const { ec2, make, world, advance } = scene(one);
    const first = await make("t");
    const again = await make("t");
    expect(again.NetworkAcl?.NetworkAclId).toBe(first.NetworkAcl?.NetworkAclId);
    await expect(make("t", "vpc-other")).rejects.toMatchObject({ name: "IdempotentParameterMismatch" });
    await expect(make("u", "vpc-other")).rejects.toMatchObject({ name: "InvalidVpcID.NotFound" });
    await advance(30);
    const Resources = [first.NetworkAcl!.NetworkAclId!];
    await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: "Name", Value: "mine" }] }));
    await advance(30);
    for (const Filters of [
      [{ Name: "tag:Name", Values: ["mine"] }],
      [{ Name: "network-acl-id", Values: Resources }],
      [{ Name: "default", Values: ["false"] }],
      [
        { Name: "vpc-id", Values: [first.NetworkAcl!.VpcId!] },
        { Name: "default", Values: ["false"] },
      ],
    ])
      expect((await ec2.send(new DescribeNetworkAclsCommand({ Filters }))).NetworkAcls).toHaveLength(1);
    expect([...ec2Of(world, region).networkAcls.values()].filter(({ isDefault }) => !isDefault)).toHaveLength(1);
  }));

test("an ACL of another VPC cannot be given to a subnet", () =>
  simulated({}, async (one) => {
    const { ec2, aclOf, make, world, advance } = scene(one);
    const other = [...ec2Of(world, region).subnets.values()].at(-1)!;
    ec2Of(world, region).subnets.set("subnet-far", { ...other, id: "subnet-far", vpc: "vpc-far" });
    const { NetworkAcl } = await make("t", "vpc-far");
    await advance(30);
    const AssociationId = (await aclOf()).association;
    const NetworkAclId = NetworkAcl!.NetworkAclId!;
    await expect(ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }))).rejects.toThrow(
      "different VPCs",
    );
  }));
