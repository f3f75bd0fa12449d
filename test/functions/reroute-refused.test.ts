import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand } from "@aws-sdk/client-route-53";
import { beforeEach, describe, expect, it } from "vitest";
import { releaseRun } from "../../functions/aws/store/lease.ts";
import { StaleLeaseError } from "../../functions/core/errors.ts";
import { reroute } from "../../functions/reroute.ts";
import { aScene, byRecords, input, moved, reset, route53, zone } from "../support/reroute-scene.ts";

beforeEach(reset);

describe("reroute that is refused for good", () => {
  it("a reroute restores the state record when Route 53 refuses the batch for good: nothing moved", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const refused = Object.assign(new Error("[Tried to …]"), { name: "InvalidChangeBatch", $fault: "client" });
    route53.on(ChangeResourceRecordSetsCommand).rejects(refused);

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "InvalidChangeBatch" });

    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("a reroute restores the zone that moved before another one was refused, then the state record", async () => {
    const simple = { policy: "simple" as const };
    const traffic = byRecords({ ...simple, name: "a.example.com" }, { ...simple, name: "b.example.org", zone: "Z2" });
    const context = await aScene({ traffic });
    const old = { Name: "a.example.com.", Type: "A" as const, TTL: 30, ResourceRecords: [{ Value: "192.0.2.10" }] };
    const gone = { ...old, ResourceRecords: [{ Value: "198.51.100.10" }] };
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });
    route53
      .on(ListResourceRecordSetsCommand, { HostedZoneId: zone })
      .resolvesOnce({ ResourceRecordSets: [old] })
      .resolves({ ResourceRecordSets: [gone] });
    const refused = Object.assign(new Error("[Tried to …]"), { name: "InvalidChangeBatch", $fault: "client" });
    route53.on(ChangeResourceRecordSetsCommand, { HostedZoneId: "Z2" }).rejects(refused);
    // as long as a zone leads to the target, so does the row
    const active: (string | undefined)[] = [];
    route53.on(ChangeResourceRecordSetsCommand, { HostedZoneId: zone }).callsFake(async () => {
      active.push((await context.store.row("shop"))?.active);
      return {};
    });

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "InvalidChangeBatch" });

    const sent = route53
      .commandCalls(ChangeResourceRecordSetsCommand)
      .map(({ args: [{ input: asked }] }) => [
        asked.HostedZoneId,
        asked.ChangeBatch?.Changes?.map(({ ResourceRecordSet: set }) => set?.ResourceRecords?.[0]?.Value),
      ]);
    expect(sent).toEqual([
      [zone, ["198.51.100.10"]],
      ["Z2", ["198.51.100.10"]],
      [zone, ["192.0.2.10"]],
    ]);
    expect(active).toEqual(["eu-central-1", "eu-central-1"]);
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("a reroute restores the state record also when it died before the refusal, and when AWS denies the change", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDenied", $fault: "client" });
    const broken = Object.assign(new Error("the container died"), { name: "Error" });
    route53.on(ChangeResourceRecordSetsCommand).rejectsOnce(broken).rejects(denied);

    await expect(reroute(input, context)).rejects.toThrow("the container died");
    expect(await context.store.row("shop")).toMatchObject(moved);

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "AccessDenied" });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("a refused reroute restores nothing once another run holds the lease", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const refused = Object.assign(new Error("[Tried to …]"), { name: "InvalidChangeBatch", $fault: "client" });
    route53.on(ChangeResourceRecordSetsCommand).callsFake(async () => {
      await releaseRun(context, "shop", input.run.id, { phase: "failedOver", lastRun: null });
      throw refused;
    });

    await expect(reroute(input, context)).rejects.toThrow(StaleLeaseError);

    // the batch that was refused, and no other
    expect(route53).toHaveReceivedCommandTimes(ListResourceRecordSetsCommand, 1);
    expect(await context.store.row("shop")).toMatchObject(moved);
  });
});

describe("reroute of a run that finishes a move", () => {
  it("a reroute that finishes a move goes on at the step of the weights that the move had come to: users who moved do not go back", async () => {
    const traffic = byRecords({ policy: "weighted", steps: [10, 50, 100], gateSeconds: 60 });
    const context = await aScene({ traffic });
    const set = (SetIdentifier: string, Weight: number, Value: string) => ({
      Name: "shop.example.com.",
      Type: "A" as const,
      TTL: 30,
      SetIdentifier,
      Weight,
      ResourceRecords: [{ Value }],
    });
    route53.on(ListResourceRecordSetsCommand).resolves({
      ResourceRecordSets: [set("primary", 50, "192.0.2.10"), set("recovery", 50, "198.51.100.10")],
    });
    const at = "2026-03-02T11:59:00.000Z";
    const step = { state: "Reroute", subject: "", startedAt: at, endedAt: at, outcome: "Moved", detail: { step: 1 } };
    await context.store.record("shop", { run: "run-0", ...step });

    const resumed = { ...input, run: { ...input.run, resume: { of: "run-0", tries: 0 } } };
    expect(await reroute(resumed, context)).toMatchObject({ step: 1, gateSeconds: 60 });
    expect(route53).not.toHaveReceivedCommand(ChangeResourceRecordSetsCommand);
  });
});
