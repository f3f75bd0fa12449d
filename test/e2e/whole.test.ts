import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { beforeAll, expect, it } from "vitest";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import { createEnvironment, type Environment } from "./environment.ts";
import { instances } from "./instances.ts";
import { ask } from "./page.ts";
import { alarm, makeRecords, oldAddress, primary, recovery } from "./populate.ts";

/** Detect looks each minute, and what comes by a schedule or an event comes when it comes. */
const tellsWithin = 180;

let environment: Environment;
beforeAll(async () => {
  environment = await createEnvironment("approve");
  return () => environment.stop();
});

it("npm run deploy makes every stack, and the approval page", async () => {
  const printed = await environment.deploy("--approval-page");
  expect(printed.match(/: deployed$/gm)).toHaveLength(5);
});

it("a pass of replicate makes a recovery point in the other Region, woken by the events of its copies", async () => {
  const { status, states, told } = await environment.ended(
    await environment.start("replicate", { application: "notes" }),
    180,
  );
  expect(status, told).toBe("SUCCEEDED");
  expect(states).toContain("Pause");
  const whole = expect.objectContaining({ state: "complete", source: primary, target: recovery });
  expect(await environment.store.points("notes", "server")).toContainEqual(whole);
});

it("a failover without its records is refused, and the event of its end starts close", async () => {
  const refused = await environment.ended(
    await environment.start("failover", { application: "notes", approve: true }),
    120,
  );
  expect(refused).toMatchObject({ status: "FAILED", error: "RefusedError" });
  // the sweep, which comes each five minutes, starts the same
  const closing = await environment.started("close", 15, refused.stoppedAt);
  const closed = await environment.ended(closing, 60);
  expect(closed.status, closed.told).toBe("SUCCEEDED");
  expect(await environment.store.row("notes")).toMatchObject({ active: primary, phase: "protected", run: null });
});

it("rotate keeps what the plan keeps", async () => {
  const { status, told } = await environment.ended(await environment.start("rotate", { application: "notes" }), 120);
  expect(status, told).toBe("SUCCEEDED");
  const whole = expect.objectContaining({ state: "complete" });
  expect(await environment.store.points("notes", "server")).toContainEqual(whole);
});

it("an alarm and a dark Region become a question, the page an answer, and the answer a failover", async () => {
  await makeRecords(environment.clients, environment.populated);
  await armed();
  const from = Date.now();
  environment.world.down.add(oldAddress);
  await environment
    .clients(CloudWatchClient, primary)
    .send(new SetAlarmStateCommand({ AlarmName: alarm, StateValue: "ALARM", StateReason: "users get errors" }));
  // the sensor's rule has sent it on
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  environment.gateway.dark.add(primary);

  const run = await environment.started("failover", tellsWithin + 120, from);
  const link = await question();
  expect(await ask(environment.ports.gateway, link)).toMatchObject({ status: 200 });
  const answer = new URLSearchParams({ application: "notes", by: "on call", answer: "approve" });
  expect(await ask(environment.ports.gateway, link, answer)).toMatchObject({ status: 202 });
  const { status, states, told } = await environment.ended(run, 240);
  expect(status, told).toBe("SUCCEEDED");
  expect(states).toEqual(expect.arrayContaining(["Ask", "Launch", "Reroute", "VerifyTraffic", "Report"]));
  expect(await environment.store.row("notes")).toMatchObject({ active: recovery, phase: "failedOver", switch: 1 });
  expect(await instances(environment, recovery)).toMatchObject([
    { state: "running", address: environment.populated.address },
  ]);
  expect(environment.world.names.get("notes.example.com A")).toEqual([environment.populated.address]);
});

/** Until the plan's two minutes of health have been seen. */
const armed = async () => {
  for (const until = Date.now() + 420_000; Date.now() < until; ) {
    if ((await environment.store.evidence<Evidence>("notes"))?.armedAt) return;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  throw new Error("detect did not arm");
};

/** Address of the page, from the message to the topics. */
const question = async () => {
  for (const until = Date.now() + tellsWithin * 1_000; Date.now() < until; ) {
    const [link] = environment.messages().flatMap((text) => /https:\/\/\S+\.lambda-url\.\S+/.exec(text) ?? []);
    if (link) return link;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error("no message has the address of the page");
};
