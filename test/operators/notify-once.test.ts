import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { notifyOnce } from "../../functions/operators/notify-once.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const sns = mockClient(SNSClient);
beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
});
const plan = aPlan({ notify: { topics: ["arn:aws:sns:eu-central-1:111122223333:lifeboat"], on: ["done"] } });
const message = { subject: "s", text: "t" };
const aScene = async () => {
  const clock = { at: Date.parse("2026-03-02T12:00:00.000Z") };
  const context = await withTable(aContext({ now: () => new Date(clock.at) }), { plan, row: aRow() });
  const ledger = () => context.store.ledger("shop", "run-1");
  const tell = async (known = ledger()) =>
    (await notifyOnce(context, plan, "done", { run: "run-1", ledger: await known }, message)).isDelivered;
  return { context, clock, ledger, tell };
};
const sent = () => sns.commandCalls(PublishCommand).length;

it("tells once, though two are about to at the same time, and one comes later", async () => {
  const { ledger, tell } = await aScene();
  const before = await ledger();
  const both = await Promise.all([tell(Promise.resolve(before)), tell(Promise.resolve(before))]);
  expect(both.sort()).toEqual([false, true]);
  expect([await tell(), sent()]).toEqual([true, 1]);
});
it("tells again at once when no topic took it", async () => {
  const { tell } = await aScene();
  sns.on(PublishCommand).rejectsOnce(new Error("no")).resolves({});
  expect([await tell(), await tell(), sent()]).toEqual([false, true, 2]);
});
it("takes over from a teller that died, once it can be at it no longer", async () => {
  const { context, clock, tell } = await aScene();
  const at = new Date(clock.at).toISOString();
  const entry = {
    run: "run-1",
    state: "Notify",
    subject: "",
    startedAt: at,
    endedAt: at,
    outcome: "Sending",
    detail: {},
  };
  await context.store.record("shop", entry);
  clock.at += 59_000;
  expect([await tell(), sent()]).toEqual([false, 0]);
  clock.at += 1_000;
  expect([await tell(), sent()]).toEqual([true, 1]);
});
it("has nothing to tell where nobody wants to hear of it", async () => {
  const { context } = await aScene();
  const known = { run: "run-1", ledger: [] };
  expect(await notifyOnce(context, plan, null, known, message)).toEqual({ isDelivered: true, warnings: [] });
  expect(await notifyOnce(context, plan, "rpo", known, message)).toEqual({ isDelivered: true, warnings: [] });
  expect([await context.store.ledger("shop", "run-1"), sent()]).toEqual([[], 0]);
});
