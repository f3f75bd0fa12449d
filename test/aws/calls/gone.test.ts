import { expect, test } from "vitest";
import type { Clients } from "../../../functions/aws/calls/clients.ts";
import { deregisterImage } from "../../../functions/aws/ec2/images.ts";
import { terminateInstances } from "../../../functions/aws/ec2/instances.ts";
import { deleteUnusedAcls } from "../../../functions/aws/ec2/network-acls.ts";
import { deleteSnapshot, lockSnapshot } from "../../../functions/aws/ec2/snapshots.ts";
import { permissionsOf } from "../../../infra/iam/permissions.ts";
import { widest } from "../../../infra/iam/scope.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { authorize } from "../../../simulator/iam/authorize.ts";
import { resolved } from "../../support/rights.ts";
import { simulated } from "../../support/simulated.ts";

const region = "eu-central-1";
const roleOf = (name: string) => resolved(permissionsOf(widest)[name]!, region);

test.each<[string, string, string, (clients: Clients) => Promise<unknown>]>([
  ["a snapshot is deleted", "rotate", "DeleteSnapshot", (clients) => deleteSnapshot(clients, region, "snap-1")],
  ["a snapshot is locked", "catalog", "LockSnapshot", (clients) => lockSnapshot(clients, region, "snap-1", 7)],
  ["an image is deregistered", "rotate", "DeregisterImage", (clients) => deregisterImage(clients, region, "ami-1")],
  ["a server is ended", "launch", "TerminateInstances", (clients) => terminateInstances(clients, region, ["i-1"])],
])("%s: under a tag condition EC2 denies it of what is gone, which is done then", (_, step, operation, act) =>
  simulated({}, async ({ world, clients }) => {
    const denials = authorize(world, () => roleOf(step));
    await act(clients);
    const made = world.journal.filter((call) => call.operation === operation);
    expect(made.map(({ outcome }) => outcome)).toEqual(["UnauthorizedOperation"]);
    expect(denials).toEqual([]);
  }),
);

test.each<[string, string, (clients: Clients) => Promise<unknown>]>([
  ["snapshots", "rotate", (clients) => deleteSnapshot(clients, region, "one")],
  ["images", "rotate", (clients) => deregisterImage(clients, region, "one")],
  ["instances", "launch", (clients) => terminateInstances(clients, region, ["one"])],
])("of %s without our tags that are there, the denial is one, and counts as one", (shelf, step, act) =>
  simulated({}, async ({ world, clients }) => {
    const source = ec2Of(world, "eu-west-1") as unknown as Record<string, Map<string, object>>;
    const there = ec2Of(world, region) as unknown as Record<string, Map<string, object>>;
    const [
      model = { devices: [], productCodes: [], name: "n", state: "completed", startedAt: 0, createdAt: 0, endsAt: 0 },
    ] = source[shelf]!.values();
    there[shelf]!.set("one", { ...model, id: "one", visibleAt: 0, serial: 1, tags: [] });
    const denials = authorize(world, () => roleOf(step));
    await expect(act(clients)).rejects.toMatchObject({ name: "UnauthorizedOperation" });
    expect(denials).toHaveLength(1);
  }),
);

test("an ACL that another try has deleted is deleted", () =>
  simulated({}, async ({ world, clients }) => {
    const networkAcls = ec2Of(world, region).networkAcls;
    const [model] = ec2Of(world, "eu-west-1").networkAcls.values();
    const tags = [{ Key: "lifeboat:application", Value: "shop" }];
    networkAcls.set("acl-1", { ...model!, id: "acl-1", vpc: "vpc-1", isDefault: false, visibleAt: 0, tags });
    const denials = authorize(world, ({ operation }) => {
      if (operation === "DeleteNetworkAcl") networkAcls.delete("acl-1");
      return roleOf("unfence");
    });
    await deleteUnusedAcls(clients, region, "shop", ["vpc-1"]);
    expect(world.journal.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      "DescribeNetworkAcls ok",
      "DeleteNetworkAcl UnauthorizedOperation",
      "DescribeNetworkAcls ok",
    ]);
    expect(denials).toEqual([]);
  }));

test("another refusal says nothing of what is there", () =>
  simulated(
    { faults: [{ fault: "throttle", operation: "DeleteSnapshot", rate: 1, from: 0, until: 3_600_000 }] },
    async ({ clients }) => {
      await expect(deleteSnapshot(clients, region, "snap-1")).rejects.toMatchObject({ name: "RequestLimitExceeded" });
    },
  ));
