import { DescribeInstancesCommand, EC2Client, type InstanceStateName } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { checkProgress, handler } from "../../functions/check-progress.ts";
import { aServerItem } from "../support/builders.ts";
import { anOutside } from "../support/context.ts";
import { at, noon, passInput, serversIn, toldIn, waveScene } from "../support/wave-scene.ts";

const ec2 = mockClient(EC2Client);
const launched = aServerItem({ state: "launched", instance: "i-new", slot: "m5.large/subnet-a" });
const other = aServerItem({ server: "i-0b", name: "web-2", state: "launched", instance: "i-other" });
const showing = (Name: InstanceStateName) => {
  const StateReason = { Code: "Client.VolumeLimitExceeded", Message: "too many" };
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ InstanceId: "i-new", State: { Name }, StateReason }] }],
  });
};

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeInstancesCommand).resolves({});
});

describe("the progress of launches", () => {
  it("launches are read all at once, by their tags; a running server is attached next", async () => {
    showing("running");
    const context = await waveScene({ servers: [launched, other], seconds: 20 });

    expect(await checkProgress(passInput(), context)).toMatchObject({ next: "Attach", waitSeconds: 0, passes: 1 });

    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [
        { Name: "tag:lifeboat:application", Values: ["shop"] },
        { Name: "tag-key", Values: ["lifeboat:server"] },
      ],
    });
    expect((await serversIn(context)).map(({ state }) => state)).toEqual(["running", "launched"]);
    expect(await toldIn(context)).toEqual(["CheckProgress i-0a Running"]);
  });

  it("launches are polled again while they are pending, or not visible yet", async () => {
    for (const show of [() => {}, () => showing("pending")]) {
      show();
      const context = await waveScene({ servers: [launched], seconds: 20 });
      expect(await checkProgress(passInput(), context)).toMatchObject({ next: "CheckProgress", waitSeconds: 3 });
      expect(await serversIn(context)).toMatchObject([{ state: "launched", version: 0 }]);
    }
  });

  it.each(["shutting-down", "terminated"] as const)("asks for another slot when one is %s", async (state) => {
    showing(state);
    const context = await waveScene({ servers: [launched] });
    expect(await checkProgress(passInput(), context)).toMatchObject({ next: "Launch", waitSeconds: 0 });
    const because = "i-new (Client.VolumeLimitExceeded: too many)";
    expect(await serversIn(context)).toMatchObject([{ state: "wanted", instance: null, slot: null, because }]);
    expect(await toldIn(context)).toEqual(["CheckProgress i-0a Ended"]);
  });

  it.each(["stopping", "stopped"] as const)("gives up one that is %s by itself, and no other", async (state) => {
    showing(state);
    const context = await waveScene({ servers: [launched, other] });
    await checkProgress(passInput(), context);
    const [server, untouched] = await serversIn(context);
    expect(server).toMatchObject({ state: "lost", error: { name: "ResourceFailedError" } });
    expect(server?.error?.message).toContain("web-1: i-new (Client.VolumeLimitExceeded: too many) stopped after its");
    expect(untouched).toMatchObject({ state: "launched", version: 0 });
  });

  it.each([
    ["is pending", 60 * 14, 15, true],
    ["is not shown by EC2", 60 * 29, 15, false],
  ])("a server that %s for too long is given up, and no other one", async (what, patience, minutes, shown) => {
    const LaunchTime = at(0);
    const Instances = [
      ...(shown ? [{ InstanceId: "i-new", State: { Name: "pending" as const }, LaunchTime }] : []),
      { InstanceId: "i-other", State: { Name: "running" as const }, LaunchTime },
    ];
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] });
    const servers = [{ ...launched, launchSince: noon }, other];

    const early = await waveScene({ servers, seconds: patience });
    await checkProgress(passInput(), early);
    expect((await serversIn(early)).map(({ state }) => state)).toEqual(["launched", "running"]);

    const late = await waveScene({ servers, seconds: patience + 120 });
    await checkProgress(passInput(), late);
    const [server, beside] = await serversIn(late);
    expect([server?.state, beside?.state]).toEqual(["lost", "running"]);
    expect(server?.error?.message).toContain(`web-1: i-new ${what} for ${minutes} min`);
  });

  it("no call is made when nothing is launched", async () => {
    await checkProgress(passInput(), await waveScene({ servers: [aServerItem()] }));
    expect(ec2.calls()).toHaveLength(0);
  });
});

it("CheckProgress refuses an invalid input", async () => {
  await expect(handler.in(anOutside())({ server: {} }, {} as never)).rejects.toMatchObject({
    name: "PlanInvalidError",
  });
});
