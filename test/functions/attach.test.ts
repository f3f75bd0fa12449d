import { AssociateAddressCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { attach } from "../../functions/attach.ts";
import { aPlan, aResource, aRow, aRun, aServer } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const balancer = mockClient(ElasticLoadBalancingV2Client);
const run = aRun();
const input = {
  run,
  lease: { value: { generation: 1 } },
  server: aServer({ index: 1 }),
  launch: { value: { instance: "i-new" } },
};
const aScene = (elasticIps: string[], targetGroups: string[]) => {
  const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", points: {} };
  const launch = { ...aResource().launch, elasticIps, targetGroups };
  return withTable(aContext(), {
    plan: aPlan({ protect: [aResource({ launch })] }),
    row: aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } }),
  });
};
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error("no"), { name, $metadata: { httpStatusCode } });

beforeEach(() => {
  ec2.reset();
  balancer.reset();
  ec2.on(AssociateAddressCommand).resolves({});
  balancer.on(RegisterTargetsCommand).resolves({});
});

describe("attach", () => {
  it("gives the server its own Elastic IP, never taken from another, and its target groups; twice is once", async () => {
    const context = await aScene(["eipalloc-0", "eipalloc-1"], ["arn:tg-1", "arn:tg-2"]);
    const first = await attach(input, context);
    expect(first).toEqual({ elasticIp: "eipalloc-1", targetGroups: 2 });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(AssociateAddressCommand, {
      AllocationId: "eipalloc-1",
      InstanceId: "i-new",
      AllowReassociation: false,
    });
    for (const TargetGroupArn of ["arn:tg-1", "arn:tg-2"])
      expect(balancer).toHaveReceivedCommandWith(RegisterTargetsCommand, {
        TargetGroupArn,
        Targets: [{ Id: "i-new" }],
      });

    expect(await attach(input, context)).toEqual(first);
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "Attach", subject: "i-0a", outcome: "Attached", detail: { instance: "i-new", elasticIp: "eipalloc-1" } },
    ]);
  });

  it("has nothing to do for a server without address and target group", async () => {
    expect(await attach(input, await aScene(["eipalloc-0"], []))).toEqual({ elasticIp: null, targetGroups: 0 });
    expect([...ec2.calls(), ...balancer.calls()]).toHaveLength(0);
  });

  it.each(["InvalidInstanceID.NotFound", "InvalidInstanceID"])("is tried again after %s", async (code) => {
    ec2.on(AssociateAddressCommand).rejects(fault(code));
    await expect(attach(input, await aScene(["eipalloc-0", "eipalloc-1"], []))).rejects.toMatchObject({
      name: "TransientError",
      message: `web-1: Elastic IP eipalloc-1: ${code}: no`,
    });
  });

  it("is tried again while the load balancer does not see the instance running", async () => {
    balancer.on(RegisterTargetsCommand).rejects(fault("InvalidTargetException"));
    await expect(attach(input, await aScene([], ["arn:tg-1"]))).rejects.toMatchObject({ name: "TransientError" });
  });

  it("fails when another server has the address, or the target group is gone", async () => {
    ec2.on(AssociateAddressCommand).rejects(fault("Resource.AlreadyAssociated"));
    await expect(attach(input, await aScene(["eipalloc-0", "eipalloc-1"], []))).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: "web-1: Elastic IP eipalloc-1: Resource.AlreadyAssociated: no",
    });
    balancer.on(RegisterTargetsCommand).rejects(fault("TargetGroupNotFoundException"));
    await expect(attach(input, await aScene([], ["arn:tg-1"]))).rejects.toMatchObject({
      name: "ResourceFailedError",
    });
  });

  it("lets a passing fault out for the machine's Retry", async () => {
    balancer.on(RegisterTargetsCommand).rejects(fault("ServiceUnavailable", 503));
    await expect(attach(input, await aScene([], ["arn:tg-1"]))).rejects.toMatchObject({ name: "ServiceUnavailable" });
  });

  it("stops at a lease that has moved on", async () => {
    const stale = { ...input, lease: { value: { generation: 2 } } };
    await expect(attach(stale, await aScene([], ["arn:tg-1"]))).rejects.toMatchObject({ name: "StaleLeaseError" });
    expect(balancer.calls()).toHaveLength(0);
  });
});
