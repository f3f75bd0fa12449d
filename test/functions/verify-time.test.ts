import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import type { Verify } from "../../functions/core/model/plan.ts";
import { verify } from "../../functions/verify.ts";
import { aPlan, aResource, aServerItem } from "../support/builders.ts";
import { at, noon, passInput, waveScene } from "../support/wave-scene.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => {
  ec2.reset();
});

const how: Verify = { http: { port: 8080, path: "/healthz" }, withinSeconds: 300, from: "public" };
const attached = { state: "attached" as const, attachedAt: noon };

/** Of three servers, each of which takes so many seconds to give no answer: whom a look after `a` asks, and where the next goes on. */
const lookSlowly = async (askingSeconds: number, begunAt?: Date) => {
  const servers = ["a", "b", "c"].map((id) => aServerItem({ ...attached, server: id, instance: `i-${id}` }));
  const context = await waveScene({ plan: aPlan({ protect: [aResource({ verify: how })] }), servers });
  const Instances = servers.map(({ instance }) => ({
    InstanceId: instance!,
    PublicIpAddress: `198.51.100.${instance}`,
  }));
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] });
  const asked: string[] = [];
  let seconds = 0;
  const http = async ({ url }: { url: string }) => {
    asked.push(url.slice("http://198.51.100.i-".length)[0]!);
    seconds += askingSeconds;
    return { error: "ETIMEDOUT" };
  };
  const slow = { ...context, net: { ...context.net, http }, now: () => at(seconds) };
  const { verifyAfter } = await verify(passInput({ verifyAfter: "a" }), slow, begunAt);
  return { asked, verifyAfter };
};

it("verify continues where its time was short, so that every server is checked", async () => {
  expect(await lookSlowly(40)).toEqual({ asked: ["b"], verifyAfter: "b" });
});

it("verify counts the time of its whole invocation: it ends before the function times out", async () => {
  expect(await lookSlowly(16, at(-20))).toEqual({ asked: ["b"], verifyAfter: "b" });
  expect(await lookSlowly(16, at(-36))).toEqual({ asked: [], verifyAfter: "a" });
});
