import { beforeAll, expect, it } from "vitest";
import { makeRecords, primary, recovery } from "./furnish.ts";
import { instances } from "./instances.ts";
import { createStage, type Stage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage("notify");
  return () => stage.stop();
});

it("npm run deploy makes every stack", async () => {
  const printed = await stage.deploy();
  expect(printed.match(/: deployed$/gm)).toHaveLength(5);
  await makeRecords(stage.clients, stage.furnished);
});

it("a pass of replicate makes a recovery point in the other Region, woken by the events of its copies", async () => {
  const run = await stage.start("replicate", { application: "notes" });
  const { status, states, told } = await stage.ended(run, 180);
  expect(status, told).toBe("SUCCEEDED");
  expect(states).toContain("Pause");
  const whole = expect.objectContaining({ state: "complete", source: primary, target: recovery });
  expect(await stage.store.points("notes", "server")).toContainEqual(whole);
});

it("a failover that is started by hand fences, launches and moves the name", async () => {
  const run = await stage.start("failover", { application: "notes", approve: true, reason: "e2e" });
  const { status, told } = await stage.ended(run, 240);
  expect(status, told).toBe("SUCCEEDED");
  expect(await stage.store.row("notes")).toMatchObject({ active: recovery, phase: "failedOver" });
  const there = await instances(stage, recovery);
  expect(there).toMatchObject([{ state: "running", address: stage.furnished.address }]);
  expect(await instances(stage, primary)).toMatchObject([{ state: "stopped" }]);
  expect(stage.messages()).toContainEqual(expect.stringContaining("failover succeeded"));
});
