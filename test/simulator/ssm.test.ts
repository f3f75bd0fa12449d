import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { managedAmong, sendShell, shellResult } from "../../functions/aws/ssm.ts";
import { privateLookups } from "../../functions/core/private-dns.ts";
import { probeCommand } from "../../functions/core/verify.ts";
import { bootOf } from "../../simulator/ec2/boot.ts";
import { instancesOf } from "../../simulator/ec2/serves.ts";
import { aPlan } from "../support/builders.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const region = "eu-west-1";
const line = probeCommand({ protocol: "http", port: 8080, path: "/healthz" });
const send = ({ clients }: Simulated, instance: string) =>
  sendShell(clients, region, { instance, line, comment: "test" });
const resultOf = async (live: Simulated, instance: string) => {
  const command = (await send(live, instance)) ?? "";
  const early = await shellResult(live.clients, region, command, instance);
  await live.advance(10);
  return [early.state, await shellResult(live.clients, region, command, instance)] as const;
};

describe("a command", () => {
  it("succeeds on a server that serves", async () => {
    const [early, late] = await simulated({}, (live) => resultOf(live, instancesOf(live.world, region, "web")[0]!.id));
    expect([early, late.state]).toEqual(["pending", "succeeded"]);
  });

  it("fails with curl's reason on a server that has an agent, but has not booted", async () => {
    const [, late] = await simulated({}, (live) => {
      const bootSeconds = (id: string) => bootOf(live.world, region, id).bootSeconds;
      const [slowest] = instancesOf(live.world, region, "web").sort((a, b) => bootSeconds(b.id) - bootSeconds(a.id));
      expect(bootSeconds(slowest!.id)).toBeGreaterThan(35);
      slowest!.runningAt = live.world.now() - 21_000;
      return resultOf(live, slowest!.id);
    });
    expect(late).toEqual({ state: "failed", because: expect.stringContaining("curl: (7)") });
  });

  it("is refused while the agent of the instance has not registered", async () => {
    const command = await simulated({}, (live) => {
      const [server] = instancesOf(live.world, region, "web");
      server!.runningAt = live.world.now();
      return send(live, server!.id);
    });
    expect(command).toBeNull();
  });

  it("other than a probe of the instance itself is not simulated", async () => {
    const message = await simulated({}, ({ clients, world }) => {
      const command = new SendCommandCommand({
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [instancesOf(world, region, "web")[0]!.id],
        Parameters: { commands: ["rm -rf /"] },
      });
      return clients(SSMClient, region)
        .send(command)
        .catch((error) => error.message);
    });
    expect(message).toMatch(/only curl against the instance itself/);
  });

  it("looks names up as the VPC knows them, and tells the first that is otherwise", async () => {
    const plan = aPlan();
    Object.assign(plan.traffic!.records[0]!, { policy: "simple", private: true });
    const expectation = { name: "shop.example.com", type: "A", never: [], target: null };
    const lines = [["192.0.2.10"], ["198.51.100.10"]].map((some) => privateLookups([{ ...expectation, some }]));
    const gone = privateLookups([{ ...expectation, name: "no.example.com", some: ["192.0.2.10"] }]);
    const never = privateLookups([{ ...expectation, some: null, never: ["192.0.2.10"] }]);
    const told = await simulated({ plan, traffic: true }, async ({ clients, world, advance }) => {
      const instance = instancesOf(world, region, "web")[0]!.id;
      expect([...(await managedAmong(clients, region, [instance, "i-none"]))]).toEqual([instance]);
      return Promise.all(
        [...lines, gone, never].map(async (shell) => {
          const command = await sendShell(clients, region, { instance, line: shell, comment: "test" });
          await advance(10);
          return shellResult(clients, region, command ?? "", instance);
        }),
      );
    });
    expect(told.map(({ state, because }) => [state, because.split(": ").slice(1).join(": ")])).toEqual([
      ["succeeded", ""],
      ["failed", "shop.example.com: 192.0.2.10"],
      ["failed", "no.example.com: no answer"],
      ["failed", "shop.example.com: 192.0.2.10"],
    ]);
  });
});
