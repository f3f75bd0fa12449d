import {
  CreateNetworkAclCommand,
  DeleteNetworkAclCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type NetworkAcl,
  ReplaceNetworkAclAssociationCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import {
  aclsOf,
  deleteUnusedAcls,
  interfacesIn,
  isolationAcl,
  replaceAcl,
} from "../../../functions/aws/ec2/network-acls.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();
const region = "eu-west-1";
const tag = { Key: "lifeboat:application", Value: "shop" };
const deny = { RuleAction: "deny" as const, RuleNumber: 32_767 };
const anAcl = (over: Partial<NetworkAcl> = {}): NetworkAcl => ({
  NetworkAclId: "acl-1",
  VpcId: "vpc-1",
  IsDefault: false,
  Entries: [deny],
  Tags: [tag],
  ...over,
});
const fault = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => ec2.reset());

describe("what stands in subnets", () => {
  it("a listing of subnets has every network interface, over all pages, with the server that has it", async () => {
    ec2
      .on(DescribeNetworkInterfacesCommand)
      .resolvesOnce({
        NetworkInterfaces: [{ NetworkInterfaceId: "eni-1", SubnetId: "subnet-1", Attachment: { InstanceId: "i-1" } }],
        NextToken: "2",
      })
      .resolvesOnce({ NetworkInterfaces: [{ NetworkInterfaceId: "eni-2", SubnetId: "subnet-1" }] });
    expect(await interfacesIn(clients, region, ["subnet-1"])).toEqual([
      { id: "eni-1", subnet: "subnet-1", server: "i-1" },
      { id: "eni-2", subnet: "subnet-1", server: null },
    ]);
    expect(ec2).toHaveReceivedNthCommandWith(DescribeNetworkInterfacesCommand, 2, {
      Filters: [{ Name: "subnet-id", Values: ["subnet-1"] }],
      NextToken: "2",
    });
    ec2.on(DescribeNetworkInterfacesCommand).resolves({});
    expect(await interfacesIn(clients, region, ["subnet-1"])).toEqual([]);
  });

  it("a listing of subnets has the ACL of each subnet: ours by its tag, and closed when every rule denies", async () => {
    const of = (SubnetId: string) => ({ SubnetId, NetworkAclAssociationId: `assoc-${SubnetId}` });
    ec2
      .on(DescribeNetworkAclsCommand)
      .resolvesOnce({ NetworkAcls: [anAcl({ Associations: [of("a"), of("other")] })], NextToken: "2" })
      .resolvesOnce({
        NetworkAcls: [
          anAcl({ NetworkAclId: "acl-2", Tags: [], Entries: [{ RuleAction: "allow" }, deny], Associations: [of("b")] }),
          anAcl({ NetworkAclId: "acl-3", IsDefault: true, Tags: [{ ...tag, Value: "blog" }], Associations: [of("c")] }),
        ],
      });
    expect(await aclsOf(clients, region, "shop", ["a", "b", "c"])).toEqual([
      { subnet: "a", vpc: "vpc-1", acl: "acl-1", association: "assoc-a", isOurs: true, deniesAll: true },
      { subnet: "b", vpc: "vpc-1", acl: "acl-2", association: "assoc-b", isOurs: false, deniesAll: false },
      { subnet: "c", vpc: "vpc-1", acl: "acl-3", association: "assoc-c", isOurs: false, deniesAll: false },
    ]);
  });
});

describe("the deny-all ACL of an application", () => {
  const wanted = { application: "shop", vpc: "vpc-1", by: "run-1", token: "t" };

  it("the deny-all ACL of an application is the one that is there", async () => {
    ec2
      .on(DescribeNetworkAclsCommand)
      .resolves({ NetworkAcls: [anAcl({ Entries: [{ RuleAction: "allow" }] }), anAcl()] });
    expect(await isolationAcl(clients, region, wanted)).toBe("acl-1");
    expect(ec2).not.toHaveReceivedCommand(CreateNetworkAclCommand);
    expect(ec2).toHaveReceivedCommandWith(DescribeNetworkAclsCommand, {
      Filters: [
        { Name: "vpc-id", Values: ["vpc-1"] },
        { Name: "tag:lifeboat:application", Values: ["shop"] },
      ],
    });
  });

  it("the deny-all ACL of an application is else a new one, with a token and tags", async () => {
    ec2.on(DescribeNetworkAclsCommand).resolves({});
    ec2.on(CreateNetworkAclCommand).resolves({ NetworkAcl: anAcl({ NetworkAclId: "acl-9" }) });
    expect(await isolationAcl(clients, region, wanted)).toBe("acl-9");
    expect(ec2).toHaveReceivedCommandWith(CreateNetworkAclCommand, {
      VpcId: "vpc-1",
      ClientToken: "t",
      TagSpecifications: [
        {
          ResourceType: "network-acl",
          Tags: [tag, { Key: "lifeboat:run", Value: "run-1" }, { Key: "Name", Value: "lifeboat-shop-isolation" }],
        },
      ],
    });
  });

  it("an ACL that lets something pass is no deny-all ACL", async () => {
    ec2.on(DescribeNetworkAclsCommand).resolves({});
    ec2.on(CreateNetworkAclCommand).resolves({ NetworkAcl: anAcl({ Entries: [{ RuleAction: "allow" }] }) });
    await expect(isolationAcl(clients, region, wanted)).rejects.toThrow("gave no ACL that denies everything");
  });

  it("the deny-all ACL of an application is put in place by association", async () => {
    await replaceAcl(clients, region, "assoc-1", "acl-1");
    expect(ec2).toHaveReceivedCommandWith(ReplaceNetworkAclAssociationCommand, {
      AssociationId: "assoc-1",
      NetworkAclId: "acl-1",
    });
  });

  it("the deny-all ACL of an application is deleted once no subnet has it, by whomever", async () => {
    ec2.on(DescribeNetworkAclsCommand).resolves({
      NetworkAcls: [
        anAcl({ NetworkAclId: "acl-used", Associations: [{ SubnetId: "a" }] }),
        anAcl({ NetworkAclId: "acl-free", Associations: [] }),
      ],
    });
    ec2.on(DeleteNetworkAclCommand).rejects(fault("InvalidNetworkAclID.NotFound"));
    await deleteUnusedAcls(clients, region, "shop", ["vpc-1"]);
    expect(ec2).toHaveReceivedCommandTimes(DeleteNetworkAclCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(DeleteNetworkAclCommand, { NetworkAclId: "acl-free" });
    ec2.on(DeleteNetworkAclCommand).rejects(fault("UnauthorizedOperation"));
    await expect(deleteUnusedAcls(clients, region, "shop", ["vpc-1"])).rejects.toThrow("UnauthorizedOperation");
  });
});
