import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { beforeAll, expect, it } from "vitest";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import { alarm, makeRecords, oldAddress, primary, recovery } from "./furnish.ts";
import { instances } from "./instances.ts";
import { ask } from "./page.ts";
import { createStage, type Stage } from "./stage.ts";

/** Detect looks each minute, and what comes by a schedule or an event comes when it comes. */
const tellsWithin = 180;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage("approve");
  return () => stage.stop();
});

it("npm run deploy makes every stack, and the approval page", async () => {
  const printed = await stage.deploy("--approval-page");
  expect(printed.match(/: deployed$/gm)).toHaveLength(5);
});

it("a pass of replicate makes a recovery point in the other Region, woken by the events of its copies", async () => {
  const { status, states, told } = await stage.ended(await stage.start("replicate", { application: "notes" }), 180);
  expect(status, told).toBe("SUCCEEDED");
  expect(states).toContain("Pause");
  const whole = expect.objectContaining({ state: "complete", source: primary, target: recovery });
  expect(await stage.store.points("notes", "server")).toContainEqual(whole);
});

it("a failover without its records is refused, and the event of its end starts close", async () => {
  const refused = await stage.ended(await stage.start("failover", { application: "notes", approve: true }), 120);
  expect(refused).toMatchObject({ status: "FAILED", error: "RefusedError" });
  // the sweep, which comes each five minutes, starts the same
  const closing = await stage.started("close", 15, refused.stoppedAt);
  const closed = await stage.ended(closing, 60);
  expect(closed.status, closed.told).toBe("SUCCEEDED");
  expect(await stage.store.row("notes")).toMatchObject({ active: primary, phase: "protected", run: null });
});

it("rotate keeps what the plan keeps", async () => {
  const { status, told } = await stage.ended(await stage.start("rotate", { application: "notes" }), 120);
  expect(status, told).toBe("SUCCEEDED");
  const whole = expect.objectContaining({ state: "complete" });
  expect(await stage.store.points("notes", "server")).toContainEqual(whole);
});

it("an alarm and a dark Region become a question, the page an answer, and the answer a failover", async () => {
  await makeRecords(stage.clients, stage.furnished);
  await armed();
  const from = Date.now();
  stage.world.down.add(oldAddress);
  await stage
    .clients(CloudWatchClient, primary)
    .send(new SetAlarmStateCommand({ AlarmName: alarm, StateValue: "ALARM", StateReason: "users get errors" }));
  // the sensor's rule has sent it on
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  stage.gateway.dark.add(primary);

  const run = await stage.started("failover", tellsWithin + 120, from);
  const link = await question();
  expect(await ask(stage.ports.gateway, link)).toMatchObject({ status: 200 });
  const answer = new URLSearchParams({ application: "notes", by: "on call", answer: "approve" });
  expect(await ask(stage.ports.gateway, link, answer)).toMatchObject({ status: 202 });
  const { status, states, told } = await stage.ended(run, 240);
  expect(status, told).toBe("SUCCEEDED");
  expect(states).toEqual(expect.arrayContaining(["Ask", "Launch", "Reroute", "VerifyTraffic", "Report"]));
  expect(await stage.store.row("notes")).toMatchObject({ active: recovery, phase: "failedOver", switch: 1 });
  expect(await instances(stage, recovery)).toMatchObject([{ state: "running", address: stage.furnished.address }]);
  expect(stage.world.names.get("notes.example.com A")).toEqual([stage.furnished.address]);
});

/** Until the plan's two minutes of health have been seen. */
const armed = async () => {
  for (const until = Date.now() + 420_000; Date.now() < until; ) {
    if ((await stage.store.evidence<Evidence>("notes"))?.armedAt) return;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  throw new Error("detect did not arm");
};

/** Address of the page, from the message to the topics. */
const question = async () => {
  for (const until = Date.now() + tellsWithin * 1_000; Date.now() < until; ) {
    const [link] = stage.messages().flatMap((text) => /https:\/\/\S+\.lambda-url\.\S+/.exec(text) ?? []);
    if (link) return link;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error("no message has the address of the page");
};
