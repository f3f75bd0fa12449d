import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "vitest";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { aRow } from "../support/builders.ts";
import { armedMinutes, aWorld, error, messages, reset, sns, started, states } from "../support/detect-scene.ts";

const day = 86_400;
const proofs = () => started().filter(({ input }) => JSON.parse(input ?? "{}").proof);
const ages = ({ context }: Awaited<ReturnType<typeof aWorld>>) =>
  context.told.metrics.filter(({ name }) => name === "ProofAge").map(({ value }) => value);
const lack = "Lifeboat: shop: a failover lacks 1 right";

beforeEach(reset);

describe("the daily proof", () => {
  it("is started an hour after the plan was deployed, under a name that a second look does not start again", async () => {
    const world = await aWorld();
    await world.minutes(60);
    expect(proofs()).toEqual([]);
    await world.minutes(2);
    expect(proofs().map(({ name }) => name)).toEqual(["proof-shop-2026-03-02T13", "proof-shop-2026-03-02T13"]);
    expect(JSON.parse(proofs()[0]!.input!)).toEqual({ application: "shop", proof: true });
    expect(ages(world).at(-1)).toBe(3_660);
  });

  it("comes an hour after the first look, for a plan that was deployed before there were proofs", async () => {
    const world = await aWorld();
    await world.context.table.remove({ pk: "shop", sk: "proof" });
    await world.minutes(60);
    expect([proofs(), (await world.context.store.proof("shop"))!.since]).toEqual([[], "2026-03-02T12:00:00.000Z"]);
    await world.minutes(1);
    expect(proofs()).toHaveLength(1);
  });

  it("is started again a day after it was told what it found", async () => {
    const world = await aWorld();
    const at = world.context.now().toISOString();
    await world.context.store.saveProof("shop", { ...unproven(at), at, provenAt: at });
    world.world.seconds = day - 60;
    await world.minutes(1);
    expect(proofs()).toEqual([]);
    await world.minutes(1);
    expect(proofs()).toHaveLength(1);
  });

  it("waits while something is wrong; its age goes on", async () => {
    const world = await aWorld();
    await world.minutes(armedMinutes);
    world.world.seconds = 3_600;
    world.die();
    await world.minutes(2);
    expect(proofs()).toEqual([]);
    expect(ages(world)).toHaveLength(armedMinutes + 2);
  });

  it.each([
    ["served from the recovery Region", aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 })],
    [
      "while a run is on",
      aRow({
        phase: "running",
        run: {
          id: "arn:run",
          name: "run",
          machine: "failover",
          acquiredAt: "2026-03-02T12:00:00.000Z",
          phaseBefore: "protected",
          points: {},
        },
      }),
    ],
  ])("is neither due nor missed %s", async (_when, row) => {
    const world = await aWorld({ row });
    world.world.seconds = 2 * day;
    await world.minutes(2);
    expect([proofs(), ages(world)]).toEqual([[], []]);
  });

  it("that detect may not start is told at once and each day, and no look fails of it", async () => {
    const world = await aWorld();
    states.on(StartExecutionCommand).rejects(error("AccessDeniedException"));
    world.world.seconds = 3_600;
    expect((await world.minutes(30)).verdict.code).toBe("Healthy");
    expect(messages()).toEqual([lack]);
    expect(sns.commandCalls(PublishCommand)[0]!.args[0].input.Message).toContain(
      "role lifeboat-detect-eu-central-1 may not states:StartExecution in eu-central-1",
    );
    world.world.seconds = 3_600 + day;
    await world.minutes(5);
    expect(messages()).toEqual([lack, lack]);
    expect(ages(world).at(-1)).toBeGreaterThan(day);
  });

  it("is tried again each minute when its start meets a passing fault, or no topic hears that it may not", async () => {
    const world = await aWorld();
    states.on(StartExecutionCommand).rejects(error("ThrottlingException"));
    world.world.seconds = 3_600;
    await world.minutes(2);
    expect([messages(), (await world.context.store.proof("shop"))!.at]).toEqual([[], null]);
    states.on(StartExecutionCommand).rejects(error("AccessDeniedException"));
    sns.on(PublishCommand).rejects(error("NotFound"));
    await world.minutes(2);
    expect(messages()).toEqual([lack, lack]);
    expect((await world.context.store.proof("shop"))!.at).toBeNull();
  });
});
