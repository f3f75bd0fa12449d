import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { documentResults, managedAmong, sendDocument, sendShell, shellResult } from "../../../functions/aws/ssm.ts";
import { probeCommand } from "../../../functions/core/instances/launch/verify.ts";
import { lookupScript, probeScript } from "../../../functions/core/servers/script.ts";
import type { Expectation } from "../../../functions/core/traffic/dns.ts";
import { bootOf } from "../../../simulator/ec2/boot.ts";
import { instancesOf } from "../../../simulator/ec2/serves.ts";
import { addDocument } from "../../../simulator/services/ssm.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

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

  it("a command is refused while the agent of the instance has not registered", async () => {
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

  it.each(["Linux", "Windows"])(
    "looks names up on %s as the VPC knows them, and tells the first that is otherwise",
    async (platform) => {
      const plan = aPlan();
      Object.assign(plan.traffic!.records[0]!, { policy: "simple", private: true });
      const expectation = { name: "shop.example.com", type: "A", never: [], target: null };
      const looked = (over: object) =>
        lookupScript([{ ...expectation, some: ["192.0.2.10"], ...over } as Expectation], platform);
      const gone = looked({ name: "no.example.com" });
      const never = looked({ some: null, never: ["192.0.2.10"] });
      const servers = { web: [{ name: "web-1", platform: platform === "Windows" ? "Windows" : "Linux/UNIX" }] };
      const told = await simulated(
        { plan, traffic: true, inventory: { servers } },
        async ({ clients, world, advance }) => {
          const instance = instancesOf(world, region, "web")[0]!.id;
          expect([...(await managedAmong(clients, region, [instance, "i-none"]))]).toEqual([[instance, platform]]);
          return Promise.all(
            [looked({}), looked({ some: ["198.51.100.10"] }), gone, never].map(async (script) => {
              const command = await sendShell(clients, region, { instance, ...script, comment: "test" });
              await advance(10);
              return shellResult(clients, region, command ?? "", instance);
            }),
          );
        },
      );
      expect(told.map(({ state, because }) => [state, because.split(": ").slice(1).join(": ")])).toEqual([
        ["succeeded", ""],
        ["failed", "shop.example.com: 192.0.2.10"],
        ["failed", "no.example.com: no answer"],
        ["failed", "shop.example.com: 192.0.2.10"],
      ]);
    },
  );
});

describe("a document", () => {
  const target = { protocol: "http" as const, port: 8080, path: "/healthz" };
  const windows = { servers: { web: [{ name: "web-1", platform: "Windows" }] } };
  const refusal = (error: Error) => `${error.name}: ${error.message}`;

  it("a document is the platform's own: Windows refuses the shell, and PowerShell there asks the same", async () => {
    const told = await simulated({ inventory: windows }, async (live) => {
      const [server] = instancesOf(live.world, region, "web");
      const instance = server!.id;
      const send = (platform: string) =>
        sendShell(live.clients, region, { instance, ...probeScript(target, platform), comment: "test" });
      const ended = async () => {
        const command = (await send("Windows")) ?? "";
        await live.advance(30);
        return (await shellResult(live.clients, region, command, instance)).because;
      };
      const managed = await managedAmong(live.clients, region, [instance]);
      const refused = (await send("Linux").catch(refusal)) ?? "";
      const good = await ended();
      // it serves half a minute from now: after the twenty seconds for which the command asks, within those of the next one
      server!.runningAt = live.world.now() - (bootOf(live.world, region, instance).bootSeconds - 30) * 1_000;
      return [managed.get(instance), refused.replace(instance, "i-1"), good, await ended(), await ended()];
    });
    expect(told).toEqual([
      "Windows",
      "UnsupportedPlatformType: Cannot perform operation for instance id i-1 of platform type Windows",
      "the command succeeded",
      "the command ended Failed: Unable to connect to the remote server",
      "the command succeeded",
    ]);
  });

  it("a document of the account's own runs on every instance; one that there is not is refused, and more than 50 instances", async () => {
    const told = await simulated({ inventory: windows }, async ({ world, clients, advance }) => {
      const [{ id } = { id: "" }] = instancesOf(world, region, "web");
      addDocument(world, region, "freeze");
      const send = (document: string, instances: string[]) =>
        sendDocument(clients, region, { document, instances, comment: "test" }).catch(refusal);
      const command = await send("freeze", [id]);
      await advance(10);
      const results = await documentResults(clients, region, command);
      const unknown = await send("thaw", [id]);
      const many = await send("freeze", Array(51).fill(id));
      return { command, results: [...results.values()], unknown, many, gone: await send("freeze", ["i-0"]) };
    });
    expect(told).toEqual({
      command: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      results: [{ state: "succeeded", because: "the command succeeded" }],
      unknown: "InvalidDocument: Document with name thaw does not exist.",
      many: expect.stringMatching(/^ValidationException/),
      gone: "InvalidInstanceId: Instances [[i-0]] not in a valid state for account 111122223333",
    });
  });
});
