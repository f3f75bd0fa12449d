import { CreateSnapshotsCommand } from "@aws-sdk/client-ec2";
import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { snapshot } from "../../../../functions/snapshot.ts";
import { aPlan, aResource } from "../../../support/builders.ts";
import * as scenes from "../../../support/snapshot-scene.ts";
import { ec2, fault, input, manifestOf, pointOf, run, showing } from "../../../support/snapshot-scene.ts";

const ssm = mockClient(SSMClient);
const consistency = { before: "freeze", after: "thaw", withinSeconds: 60 };
const plan = aPlan({ protect: [aResource({ consistency })] });

/** Documents sent and sets taken, in their order. */
let told: string[] = [];
let now = new Date(run.startedAt);
const aScene = () => scenes.aScene(plan, { now: () => now });
const pass = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1_000);
};
const managed = (...ids: string[]) =>
  ssm.on(DescribeInstanceInformationCommand).resolves({
    InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus: "Online" })),
  });
const ending = (states: Record<string, "Success" | "Failed" | "InProgress">) =>
  ssm.on(ListCommandInvocationsCommand).resolves({
    CommandInvocations: Object.entries(states).map(([InstanceId, Status]) => ({ InstanceId, Status })),
  });

beforeEach(() => {
  scenes.reset();
  ssm.reset();
  told = [];
  now = new Date(run.startedAt);
  managed("i-1", "i-2");
  ending({ "i-1": "Success", "i-2": "Success" });
  ssm.on(SendCommandCommand).callsFake(({ DocumentName, InstanceIds }) => {
    told.push(`${DocumentName} ${InstanceIds.join(" ")}`);
    return { Command: { CommandId: `c-${told.length}` } };
  });
  ec2.on(CreateSnapshotsCommand).callsFake(({ InstanceSpecification: { InstanceId } }) => {
    told.push(`set ${InstanceId}`);
    return scenes.setOf(InstanceId);
  });
});

/** Two invocations: one that asks, one that looks. */
const askAndLook = async (context: Awaited<ReturnType<typeof aScene>>, seconds = 3) => {
  const first = await snapshot(input, context);
  expect(first).toMatchObject({ done: false, next: "again", started: 0, waitSeconds: 3 });
  pass(seconds);
  return snapshot({ ...input, snapshot: { value: first } }, context);
};

describe("application consistency", () => {
  it("application consistency freezes the servers, takes their sets, and thaws them", async () => {
    const context = await aScene();
    expect(await askAndLook(context)).toMatchObject({ done: true, next: "copy", started: 2, problems: {} });
    expect(told).toEqual(["freeze i-1 i-2", "set i-1", "set i-2", "thaw i-1 i-2"]);
    expect((await manifestOf(context)).consistency).toEqual({
      state: "thawed",
      command: "c-1",
      askedAt: "2026-03-02T12:00:00.000Z",
      because: null,
    });
    expect(ssm).toHaveReceivedCommandWith(SendCommandCommand, {
      DocumentName: "freeze",
      InstanceIds: ["i-1", "i-2"],
      TimeoutSeconds: 30,
      Comment: "Lifeboat: pass-1",
    });
  });

  it("a server whose freeze fails gets a crash-consistent set, marked so, and is thawed all the same", async () => {
    ending({ "i-1": "Failed", "i-2": "Success" });
    const context = await aScene();
    const because = "1 of 2 servers crash-consistent only: i-1: the command ended Failed";
    expect(await askAndLook(context)).toMatchObject({ done: true, started: 2, problems: { web: because } });
    expect(told.at(-1)).toBe("thaw i-1 i-2");
    expect((await manifestOf(context)).consistency).toMatchObject({ state: "crash" });
    expect((await manifestOf(context, "i-2")).consistency).toMatchObject({ state: "thawed" });
    expect((await pointOf(context)).because).toBe(because);
  });

  it("a pass captures a frozen server without waiting for one that is not frozen; a late one is crash-consistent", async () => {
    ending({ "i-1": "Success", "i-2": "InProgress" });
    const context = await aScene();
    const second = await askAndLook(context);
    expect(second).toMatchObject({ done: false, started: 1, waitSeconds: 3 });
    expect(told).toEqual(["freeze i-1 i-2", "set i-1", "thaw i-1"]);
    pass(60);
    const third = await snapshot({ ...input, snapshot: { value: second } }, context);
    expect(third).toMatchObject({ done: true, started: 2 });
    expect(third.problems.web).toContain("i-2: not snapshotted within 60 s of the command");
    expect(told.slice(3)).toEqual(["set i-2", "thaw i-2"]);
  });

  it("application consistency does not ask a server that Systems Manager does not reach", async () => {
    managed("i-2");
    const context = await aScene();
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, started: 1 });
    pass(3);
    const { problems } = await snapshot({ ...input, snapshot: { value: first } }, context);
    expect(problems.web).toBe("1 of 2 servers crash-consistent only: i-1: Systems Manager does not reach it");
    expect(told).toEqual(["freeze i-2", "set i-1", "set i-2", "thaw i-2"]);
  });

  it("a pass freezes at most twenty servers at a time", async () => {
    const ids = Array.from({ length: 22 }, (_, at) => `i-${10 + at}`);
    showing(...ids);
    managed(...ids);
    ending(Object.fromEntries(ids.map((id) => [id, "Success"])));
    const context = await aScene();
    let result = await askAndLook(context);
    expect(told[0]).toBe(`freeze ${ids.slice(0, 20).join(" ")}`);
    expect(result).toMatchObject({ done: false, started: 20 });
    for (let tries = 0; tries < 2; tries++) {
      pass(3);
      result = await snapshot({ ...input, snapshot: { value: result } }, context);
    }
    expect(result).toMatchObject({ done: true, next: "copy", started: 22, problems: {} });
  });
});

describe("a reply that was lost", () => {
  const lost = Object.assign(new Error("reset"), { code: "ECONNRESET" });

  it("when the reply to `before` is lost, the set is crash-consistent and the server is thawed", async () => {
    ssm.on(SendCommandCommand, { DocumentName: "freeze" }).rejects(lost);
    const result = await askAndLook(await aScene());
    expect(result.problems.web).toContain(
      "2 of 2 servers crash-consistent only: i-1: the reply to its command was lost",
    );
    expect(told.at(-1)).toBe("thaw i-1 i-2");
  });

  it("when the reply to `after` is lost, the pass sends `after` again, and the copies wait for it", async () => {
    ssm
      .on(SendCommandCommand, { DocumentName: "thaw" })
      .rejectsOnce(lost)
      .resolves({ Command: { CommandId: "c-9" } });
    const context = await aScene();
    const second = await askAndLook(context);
    expect(second).toMatchObject({ done: false, next: "again", started: 2 });
    expect((await manifestOf(context)).consistency?.state).toBe("frozen");
    const third = await snapshot({ ...input, snapshot: { value: second } }, context);
    expect(third).toMatchObject({ done: true, next: "copy", started: 2, problems: {} });
    expect((await manifestOf(context)).consistency?.state).toBe("thawed");
  });
});

describe("a refusal", () => {
  it("a refused `before`, as of a missing document, gives crash-consistent sets", async () => {
    ssm.on(SendCommandCommand, { DocumentName: "freeze" }).rejects(fault("InvalidDocument", "freeze is not there"));
    const result = await askAndLook(await aScene());
    expect(result.problems.web).toContain("i-1: freeze: InvalidDocument: freeze is not there");
  });

  it("a refused `after` of a server that is gone delays no other server", async () => {
    ssm
      .on(SendCommandCommand, { DocumentName: "thaw", InstanceIds: ["i-1", "i-2"] })
      .rejects(fault("InvalidInstanceId"));
    ssm.on(SendCommandCommand, { DocumentName: "thaw", InstanceIds: ["i-1"] }).rejects(fault("InvalidInstanceId"));
    expect(await askAndLook(await aScene())).toMatchObject({ done: true });
    expect(told.at(-1)).toBe("thaw i-2");
  });

  it("a refused snapshot thaws the servers", async () => {
    ec2.on(CreateSnapshotsCommand).rejects(fault("SnapshotLimitExceeded", "quota"));
    const context = await aScene();
    expect(await askAndLook(context)).toMatchObject({ done: true, next: "catalog" });
    expect(told.at(-1)).toBe("thaw i-1 i-2");
    expect((await pointOf(context)).state).toBe("discarded");
  });
});

it("a server that is snapshotted later is frozen again then", async () => {
  ec2
    .on(CreateSnapshotsCommand, { InstanceSpecification: { InstanceId: "i-1" } })
    .rejectsOnce(fault("ConcurrentSnapshotLimitExceeded"))
    .callsFake(() => scenes.setOf("i-1"));
  const context = await aScene();
  let result = await askAndLook(context);
  expect(result).toMatchObject({ done: false, started: 1, waitSeconds: 15 });
  expect((await manifestOf(context)).consistency).toBeUndefined();
  for (let tries = 0; tries < 2; tries++) {
    pass(15);
    result = await snapshot({ ...input, snapshot: { value: result } }, context);
  }
  expect(result).toMatchObject({ done: true, started: 2, problems: {} });
  expect(told.filter((one) => one.startsWith("freeze"))).toEqual(["freeze i-1 i-2", "freeze i-1"]);
});

it("the next pass thaws the servers that a dead pass left frozen, even when it gives their point up", async () => {
  const context = await aScene();
  await snapshot(input, context);
  const later = { ...input, run: { ...run, startedAt: "2026-03-02T12:30:00.000Z" } };
  now = new Date(later.run.startedAt);
  await snapshot(later, context);
  expect(told.slice(0, 2)).toEqual(["freeze i-1 i-2", "thaw i-1 i-2"]);
  expect(await pointOf(context)).toMatchObject({ state: "discarded" });
});

describe("a pass that loses its lease to a run", () => {
  const takenOver = async (context: Awaited<ReturnType<typeof aScene>>) => {
    const first = await snapshot(input, context);
    await context.table.update({ pk: "shop", sk: "row" }, { remove: ["protect"] }, { equal: ["active", "eu-west-1"] });
    return expect(snapshot({ ...input, snapshot: { value: first } }, context)).rejects;
  };

  it("a pass that loses its lease thaws the servers that it has frozen", async () => {
    await (await takenOver(await aScene())).toMatchObject({ name: "StaleLeaseError" });
    expect(told).toEqual(["freeze i-1 i-2", "thaw i-1 i-2"]);
  });

  it("a pass that loses its lease also stops when the source Region is down", async () => {
    ssm.on(SendCommandCommand, { DocumentName: "thaw" }).rejects(fault("TimeoutError"));
    await (await takenOver(await aScene())).toMatchObject({ name: "StaleLeaseError" });
    expect(told).toEqual(["freeze i-1 i-2"]);
  });
});
