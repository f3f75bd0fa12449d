import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../functions/aws/store/store.ts";
import { nothingYet } from "../../functions/core/points/rotation-tally.ts";
import { handler, report } from "../../functions/report.ts";
import { aPlan, aPoint, aRow, aRun, aServerItem } from "../support/builders.ts";
import { aContext, anOutside } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const s3 = mockClient(S3Client);
const sns = mockClient(SNSClient);
beforeEach(() => {
  s3.reset();
  sns.reset();
  s3.on(PutObjectCommand).resolves({});
  sns.on(PublishCommand).resolves({});
});

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const far = "arn:aws:sns:eu-west-1:111122223333:lifeboat";
const plan = aPlan({ notify: { topics: [topic], on: ["done", "rpo"] } });
const run = aRun();
const contextOf = async (thePlan = plan, row = aRow({ active: "eu-central-1", phase: "running" })) => {
  const context = await withTable(aContext(), { plan: thePlan, row });
  await context.store.savePoint(aPoint());
  await context.store.addServer("shop", "run-1", aServerItem());
  return context;
};
const ledgerEntry = (state: string, detail: Record<string, unknown>, subject = "", name = "run-1"): LedgerEntry => ({
  run: name,
  state,
  subject,
  startedAt: "2026-03-02T11:50:00.000Z",
  endedAt: "2026-03-02T11:51:00.000Z",
  outcome: "Done",
  detail,
});
const whole = {
  run,
  lease: { value: { generation: 2, points: { web: "web.20260302T113000Z" } } },
  preflight: { value: { waves: [{ resources: ["web"], servers: 1 }], waveCount: 1, warnings: ["w"] } },
  fence: { value: { fenced: false, at: "2026-03-02T12:05:00.000Z", sourceAnswered: false } },
  reroute: { value: { changes: [] } },
  traffic: {
    value: { servedAt: "2026-03-02T12:06:00.000Z", answers: [{ name: "shop.example.com", values: ["198.51.100.10"] }] },
  },
};
const objects = () =>
  Object.fromEntries(s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => [input.Key, String(input.Body)]));
const told = (key = "reports/shop/run-1.json") => JSON.parse(objects()[key] ?? "null");

describe("report", () => {
  it("report names the older point that Preflight has pinned in place of the first one", async () => {
    const context = await contextOf();
    const older = aPoint({ id: "web.20260302T110000Z", pointAt: "2026-03-02T11:00:05.000Z" });
    await context.store.savePoint(older);
    const preflight = { value: { ...whole.preflight.value, points: { web: older.id } } };
    await report({ ...whole, preflight }, context);
    expect(told().points).toEqual([{ resource: "web", id: older.id, pointAt: older.pointAt }]);
  });

  it("report writes Markdown and JSON, and notifies the topics where they are", async () => {
    const context = await contextOf();
    expect(await report(whole, context)).toEqual({
      url: "s3://lifeboat-reports/reports/shop/run-1.md",
      outcome: "succeeded",
      warnings: [],
      told: true,
    });
    expect(Object.keys(objects())).toEqual(["reports/shop/run-1.json", "reports/shop/run-1.md"]);
    const logged = { application: "shop", machine: "failover", run: "run-1", outcome: "succeeded" };
    const heard = true;
    const url = "s3://lifeboat-reports/reports/shop/run-1.md";
    expect(context.told.logs).toContain(`reported ${JSON.stringify({ ...logged, url, heard })}`);
    expect(told()).toMatchObject({
      outcome: "succeeded",
      rtoSeconds: 360,
      warnings: ["w"],
      servers: [{ name: "web-1" }],
    });
    const [message] = sns.commandCalls(PublishCommand);
    expect(message?.args[0].input).toMatchObject({ TopicArn: topic, Subject: "Lifeboat: shop: failover succeeded" });
    expect(message?.args[0].input.Message).toContain("Report: s3://lifeboat-reports/reports/shop/run-1.md");
  });
  it("report notifies once, even when it runs twice", async () => {
    const context = await contextOf();
    await report(whole, context);
    await report(whole, context);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(4);
  });
  it("report notifies no topic of an answer: its sender knows, and the run that asked reports the rest", async () => {
    const answering = aRun({ answer: { run: "run-0", approved: true, by: "ann" } });
    const error = { Error: "RefusedError", Cause: "" };
    expect(await report({ run: answering, error }, await contextOf())).toMatchObject({
      outcome: "refused",
      warnings: [],
    });
    expect(sns.commandCalls(PublishCommand)).toHaveLength(0);
  });
  it("report only logs when there is no run", async () => {
    const context = await contextOf();
    const error = { Error: "PlanInvalidError", Cause: '{"errorMessage":"input: no -> Mend it."}' };
    expect(await report({ error }, context)).toEqual({ url: null, outcome: "failed", warnings: [], told: true });
    expect(s3.calls()).toHaveLength(0);
    expect(context.told.logs[0]).toContain('"hint":"Mend it."');
  });
  it("report reports an error with its hint, whatever the rest of the state looks like", async () => {
    const error = {
      Error: "RefusedError",
      Cause: '{"errorType":"RefusedError","errorMessage":"no point -> Run replicate."}',
    };
    const dynamo = mockClient(DynamoDBClient);
    dynamo.on(QueryCommand).resolves({ Items: [] });
    dynamo.on(GetItemCommand).resolves({ Item: marshall({ plan }) });
    const state = { run, error, lease: "torn", preflight: { value: undefined }, traffic: 7, inspect: { value: 3 } };
    expect(await handler.in(anOutside())(state, {} as never)).toMatchObject({ outcome: "refused" });
    expect(told().error).toEqual({ name: "RefusedError", message: "no point", hint: "Run replicate." });
    dynamo.restore();
  });
  it("report uses the ledger where the state says nothing, and keeps secrets out", async () => {
    const context = await contextOf();
    const { traffic, fence, reroute, preflight } = whole;
    await context.store.record("shop", ledgerEntry("VerifyTraffic", traffic.value));
    await context.store.record("shop", ledgerEntry("Fence", fence.value));
    await context.store.record("shop", ledgerEntry("Reroute", reroute.value));
    await context.store.record("shop", ledgerEntry("Preflight", preflight.value));
    await context.store.record("shop", ledgerEntry("Launch", { instance: "i-new", userData: "c2VjcmV0" }, "i-0a"));
    await report({ run } as never, context);
    expect(told()).toMatchObject({ rtoSeconds: 360, servers: [{ instance: "i-new" }] });
    expect(JSON.stringify(objects())).not.toContain("c2VjcmV0");
  });
  it("report notifies a topic in the topic's own Region; one that fails is a warning, not an error", async () => {
    const context = await contextOf(aPlan({ notify: { topics: [topic, far], on: ["done"] } }));
    sns.on(PublishCommand, { TopicArn: far }).rejects(Object.assign(new Error("no answer"), { name: "TimeoutError" }));
    expect(await report(whole, context)).toMatchObject({
      warnings: [`topic ${far} took no message: TimeoutError: no answer`],
      told: true,
    });
  });
  it("a run stays unreported while no topic takes the message, until a later report sends it", async () => {
    const context = await contextOf();
    sns.on(PublishCommand).rejects(Object.assign(new Error("no answer"), { name: "TimeoutError" }));
    expect(await report(whole, context)).toMatchObject({ outcome: "succeeded", told: false });
    expect(Object.keys(objects())).toHaveLength(2);
    sns.on(PublishCommand).resolves({});
    expect(await report(whole, context)).toMatchObject({ told: true });
    expect(sns.commandCalls(PublishCommand)).toHaveLength(2);
  });
  it("report still notifies the topics when S3 accepts nothing, then fails", async () => {
    const context = await contextOf();
    s3.on(PutObjectCommand).rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    await expect(report(whole, context)).rejects.toThrow("no");
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toContain("Report: could not be written");
  });
});

describe("report of a failover that was undone", () => {
  const { run: _run, lease, preflight } = whole;
  const fence = { value: { ...whole.fence.value, stopped: ["i-0a", "i-0b"] } };
  const error = { Error: "ResourceFailedError", Cause: '{"errorMessage":"0 recovered, 2 needed -> Mend it."}' };
  const failed = { run: aRun({ unfenceOnFailure: true }), lease, preflight, fence, error };
  const production = aRow({ active: "eu-west-1", phase: "running" });
  const left = [{ server: "i-0b", state: "stopped", problem: { code: "UnauthorizedOperation", lasting: true } }];
  const value = { started: ["i-0a"], left, because: "1 of 2 stopped servers are running again; not restored: i-0b" };

  it("the report of an undone failover names the servers that are still stopped, and how to start them", async () => {
    await report({ ...failed, unfence: { value } } as never, await contextOf(plan, production));
    expect(told().unfence).toMatchObject({ started: ["i-0a"], stopped: ["i-0b"] });
    const { Subject, Message } = sns.commandCalls(PublishCommand)[0]!.args[0].input;
    expect(Subject).toBe("Lifeboat: shop: failover failed, production is stopped");
    expect(Message).toContain("aws ec2 start-instances --region eu-west-1 --instance-ids i-0b");
  });
  it("the report of an undone failover says why Unfence failed, and from the ledger what it did before", async () => {
    const context = await contextOf(plan, production);
    await context.store.record("shop", ledgerEntry("Unfence", value));
    const unfenceError = { Error: "DeadlineExceededError", Cause: "too late" };
    await report({ ...failed, unfenceError } as never, context);
    expect(told().unfence.because).toBe(`DeadlineExceededError: too late; ${value.because}`);
    expect(told().unfence.stopped).toEqual(["i-0b"]);
  });
  it("report says nothing of Unfence when its state is incomplete", async () => {
    await report(
      { ...failed, fence: undefined, unfence: 7, unfenceError: 7 } as never,
      await contextOf(plan, production),
    );
    expect(told()).toMatchObject({ outcome: "failed", unfence: null });
  });
});

describe("report of replicate", () => {
  const pass = { run: aRun({ machine: "replicate" }) } as never;
  it("a replication pass sends no message while the objectives are met", async () => {
    expect(await report(pass, await contextOf())).toMatchObject({ outcome: "succeeded" });
    expect(sns.calls()).toHaveLength(0);
  });
  it("a replication pass sends a message when the RPO is missed, unknown, or the pass failed", async () => {
    await report(pass, await contextOf({ ...plan, objectives: { rpoSeconds: 60, rtoSeconds: 60 } }));
    await report(pass, await withTable(aContext(), { plan, row: aRow() }));
    await report({ ...(pass as object), error: { Error: "TransientError", Cause: "" } } as never, await contextOf());
    expect(sns.commandCalls(PublishCommand)).toHaveLength(3);
  });
});

describe("report of rotate", () => {
  const tally = { ...nothingYet, complete: 3, kept: 2, rotated: 1, copies: 4, sources: 4 };
  const rotation = (by: "person" | "schedule") => aRun({ machine: "rotate", request: { ...run.request, by } });
  const pointIsFresh = () => contextOf(plan, aRow());
  const subjects = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

  it("a rotation by hand sends a message, and a scheduled one that went well sends none", async () => {
    await report({ run: rotation("schedule"), rotate: { value: { tally } } }, await pointIsFresh());
    expect(subjects()).toEqual([]);
    expect(told()).toMatchObject({ machine: "rotate", outcome: "succeeded", rotation: tally });
    await report({ run: rotation("person"), rotate: { value: { tally } } }, await pointIsFresh());
    expect(subjects()).toEqual(["Lifeboat: shop: rotate succeeded"]);
  });
  it("a scheduled rotation sends a message when it fell short, and close reports a dead one from its ledger", async () => {
    const context = await pointIsFresh();
    const entry = { ...ledgerEntry("Rotate", { ...tally, failed: ["1 not deleted"] }), outcome: "Partial" };
    await context.store.record("shop", entry);
    await report({ run: rotation("schedule") }, context);
    expect(subjects()).toEqual(["Lifeboat: shop: rotate partial"]);
    expect(told()).toMatchObject({ outcome: "partial", rotation: tally });
  });
});

describe("report of replicate", () => {
  it("the report of a replication pass has the counts of its copies", async () => {
    const copy = { value: { copied: 9, failed: 1, left: 2, done: true } };
    await report({ run: aRun({ machine: "replicate" }), copy }, await contextOf(plan, aRow()));
    expect(told().copies).toEqual({ copied: 9, failed: 1, left: 2 });
  });
});
