import { PublishCommand } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "vitest";
import { aQuestion, aRow } from "../support/builders.ts";
import { armedMinutes, aWorld, error, messages, reset, sns } from "../support/detect-scene.ts";

beforeEach(reset);

/** A Region that is dark, at the look before the one that completes the verdict; the topic refuses one message. */
const aDarkWorld = async () => {
  const scene = await aWorld();
  await scene.minutes(armedMinutes);
  scene.die();
  await scene.minutes(3);
  sns.on(PublishCommand).rejectsOnce(error("InternalError")).resolves({});
  return scene;
};
const paused = { paused: { at: "2026-03-02T12:10:30.000Z", by: "ana", reason: null } };
const run = { id: "arn:run", name: "run", machine: "failover", acquiredAt: "2026-03-02T12:14:00.000Z" };
const begin = ({ context }: Awaited<ReturnType<typeof aWorld>>) =>
  context.table.put(
    { pk: "shop", sk: "row" },
    { ...aRow({ phase: "running", run: { ...run, phaseBefore: "protected", points: {} } }) },
  );

describe("people hear later, and once, of what no topic took", () => {
  it("people are notified later, and once, of a hold that goes on", async () => {
    const { minutes, tell, evidence } = await aDarkWorld();
    await tell(paused);
    expect((await minutes(1)).decision).toMatchObject({ action: "hold", code: "Paused" });
    expect((await evidence())?.untold).toMatchObject({ code: "Paused" });
    await minutes(3);
    expect(messages()).toEqual(Array(2).fill("Lifeboat: shop: hold Paused"));
    expect((await evidence())?.untold).toBeNull();
  });
  it("people are notified later, and once, of a run that is going on", async () => {
    const scene = await aDarkWorld();
    expect((await scene.minutes(1)).decision).toMatchObject({ action: "act" });
    await begin(scene);
    expect((await scene.minutes(3)).decision).toMatchObject({ code: "RunInProgress" });
    expect(messages()).toEqual(Array(2).fill("Lifeboat: shop: act RegionUnhealthy"));
  });
  it("people are notified later, and once, of what a run asks, with the approval page", async () => {
    const scene = await aWorld();
    const { context, minutes } = scene;
    context.settings.approvalUrl = "https://page.example/";
    await begin(scene);
    const asked = aQuestion({ run: "run", askedAt: context.now().toISOString(), until: "2026-03-02T12:30:00.000Z" });
    await context.store.saveQuestion("shop", asked, "token", "0".repeat(64));
    await minutes(1);
    expect(messages()).toEqual([]);
    await minutes(3);
    expect(messages()).toEqual(["Lifeboat: shop: approval needed: fail over to eu-central-1? (Incident)"]);
    const { Message } = sns.commandCalls(PublishCommand)[0]!.args[0].input;
    expect(Message).toContain(`https://page.example/shop/${"0".repeat(64)}`);
  });
  it("no other evaluation notifies while the first one may still do so", async () => {
    const { tell, tick, world } = await aDarkWorld();
    await tell(paused);
    for (const after of [0, 20, 59, 60, 61]) {
      world.seconds = 60 * (armedMinutes + 3) + after;
      await tick();
      expect(messages()).toHaveLength(after < 60 ? 1 : 2);
    }
  });
  it("people are not notified of a hold that is over", async () => {
    const { minutes, tell } = await aDarkWorld();
    await tell(paused);
    await minutes(1);
    await tell({ paused: null });
    await minutes(2);
    expect(messages()).toEqual(["Lifeboat: shop: hold Paused", "Lifeboat: shop: act RegionUnhealthy"]);
  });
});
