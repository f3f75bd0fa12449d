import {
  GetRoutingControlStateCommand,
  UpdateRoutingControlStatesCommand,
} from "@aws-sdk/client-route53-recovery-cluster";
import { beforeEach, describe, expect, it } from "vitest";
import type { Traffic } from "../../functions/core/model/plan.ts";
import { reroute } from "../../functions/reroute.ts";
import {
  aScene,
  cloudWatch,
  cluster,
  input,
  moved,
  record,
  reset,
  route53,
  takeover,
} from "../support/reroute-scene.ts";

beforeEach(reset);

describe("reroute by routing controls", () => {
  const controls = { primary: "arn:panel/control/p", recovery: "arn:panel/control/r" };
  const endpoints = ["us-east-1", "us-west-2"].map((region) => ({ region, url: `https://${region}.example.com/v1` }));
  const byControls: Traffic = {
    ...takeover,
    switch: "routing-control",
    cluster: { endpoints },
    records: [{ ...record, routingControls: controls }],
  };
  const fault = (name: string) => Object.assign(new Error(`${name}!`), { name });
  const read = (p: "On" | "Off", r: "On" | "Off") => {
    const of = (RoutingControlArn: string) => cluster.on(GetRoutingControlStateCommand, { RoutingControlArn });
    of(controls.primary).resolves({ RoutingControlState: p });
    of(controls.recovery).resolves({ RoutingControlState: r });
  };

  it("turns both controls of the pair in one call, reads them back, and needs no other control plane", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    read("Off", "On");

    expect(await reroute(input, context)).toMatchObject({
      switch: "routing-control",
      changes: [],
      because: "2 routing controls switched to the recovery side in one call",
    });

    expect(cluster).toHaveReceivedCommandTimes(UpdateRoutingControlStatesCommand, 1);
    expect([route53.calls(), cloudWatch.calls()]).toEqual([[], []]);
    expect(await context.store.row("shop")).toMatchObject(moved);
  });

  it("refused by a safety rule puts the row back and says what to do", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("ConflictException"));
    read("On", "Off");

    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "RefusedError",
      message: "a safety rule of the cluster rejected the switch to the recovery side: ConflictException!",
      hint: expect.stringContaining("Change the safety rule in the ARC console"),
    });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("found turned already is done, though a rule or silence says otherwise", async () => {
    for (const name of ["ConflictException", "EndpointTemporarilyUnavailableException"]) {
      const context = await aScene({ traffic: byControls });
      cluster.on(UpdateRoutingControlStatesCommand).rejects(fault(name));
      read("Off", "On");
      expect((await reroute(input, context)).because).toContain("2 routing controls switched");
    }
  });

  it("that no endpoint can turn, or that read otherwise, is tried again by the machine", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("EndpointTemporarilyUnavailableException"));
    read("On", "Off");
    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "TransientError",
      message: expect.stringMatching(/^no endpoint of the cluster answers: .*routing control p is not Off yet/),
    });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "TransientError",
      message: "routing control p is not Off yet, routing control r is not On yet",
    });
  });

  it("that were turned, but that nobody can read back, are told as that", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    cluster.on(GetRoutingControlStateCommand).rejects(fault("InternalServerException"));
    expect((await reroute(input, context)).because).toMatch(/; the states could not be read back$/);
  });

  it("that the caller may not turn is an error as it is", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("AccessDeniedException"));
    await expect(reroute(input, context)).rejects.toMatchObject({ name: "AccessDeniedException" });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    cluster.on(GetRoutingControlStateCommand).rejects(fault("AccessDeniedException"));
    await expect(reroute(input, context)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
