import { beforeAll, expect, it } from "vitest";
import { createEnvironment, type Environment } from "./environment.ts";
import { instances } from "./instances.ts";
import { makeRecords, primary, recovery } from "./populate.ts";

let environment: Environment;
beforeAll(async () => {
  environment = await createEnvironment("notify");
  return () => environment.stop();
});

it("npm run deploy makes every stack", async () => {
  const printed = await environment.deploy();
  expect(printed.match(/: deployed$/gm)).toHaveLength(5);
  await makeRecords(environment.clients, environment.populated);
});

it("a pass of replicate makes a recovery point in the other Region, woken by the events of its copies", async () => {
  const run = await environment.start("replicate", { application: "notes" });
  const { status, states, told } = await environment.ended(run, 180);
  expect(status, told).toBe("SUCCEEDED");
  expect(states).toContain("Pause");
  const whole = expect.objectContaining({ state: "complete", source: primary, target: recovery });
  expect(await environment.store.points("notes", "server")).toContainEqual(whole);
});

it("a failover that is started by hand fences, launches and moves the name", async () => {
  const run = await environment.start("failover", { application: "notes", approve: true, reason: "e2e" });
  const { status, told } = await environment.ended(run, 240);
  expect(status, told).toBe("SUCCEEDED");
  expect(await environment.store.row("notes")).toMatchObject({ active: recovery, phase: "failedOver" });
  const there = await instances(environment, recovery);
  expect(there).toMatchObject([{ state: "running", address: environment.populated.address }]);
  expect(await instances(environment, primary)).toMatchObject([{ state: "stopped" }]);
  expect(environment.messages()).toContainEqual(expect.stringContaining("failover succeeded"));
});
