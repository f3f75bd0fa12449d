import { LockSnapshotCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, expect, it } from "vitest";
import { catalog } from "../../../../functions/catalog.ts";
import { limits } from "../../../../functions/core/limits.ts";
import { aPlan, aPoint, aResource } from "../../../support/builders.ts";
import * as scenes from "../../../support/catalog-scene.ts";
import { complete, ec2, fault, id, input, reset } from "../../../support/catalog-scene.ts";
import { aTaken, aVolume } from "../../../support/replication.ts";

beforeEach(() => {
  reset();
  ec2.on(LockSnapshotCommand).resolves({});
});

const plan = aPlan({ protect: [aResource({ lockSeconds: 7.5 * 86_400 })] });
const aScene = async (...points: Parameters<typeof scenes.aScene>) => {
  const context = await scenes.aScene(...points);
  await context.table.put({ pk: "shop", sk: "plan#v1" }, { plan });
  return context;
};
const lockedTo = async ({ store }: Awaited<ReturnType<typeof aScene>>) => (await store.point("shop", id))?.lockedTo;

it("the copies of the newest complete point are locked once, in whole days, so that no one deletes them by mistake", async () => {
  const context = await aScene(complete());
  await catalog(input, context);
  await catalog(input, context);
  expect(ec2).toHaveReceivedCommandExactlyOnceWith(LockSnapshotCommand, {
    SnapshotId: "snap-dst-a",
    LockMode: "governance",
    LockDuration: 8,
  });
  expect(await lockedTo(context)).toBe("i-0a");
});

it("nothing is locked where the plan does not ask for it", async () => {
  await catalog(input, await scenes.aScene(complete()));
  expect(ec2).toHaveReceivedCommandTimes(LockSnapshotCommand, 0);
});

it("a large point is locked in portions, and a later pass goes on where this one ended", async () => {
  const servers = ["i-1", "i-2", "i-3"];
  const volumes = Array.from({ length: 10 }, (_, at) => aVolume({ snapshot: `snap-${at}` }));
  const manifests = servers.map((server) => aTaken({ server, volumes, image: "ami-1" }));
  const context = await aScene({ point: aPoint({ servers, swept: true, imaged: true }), manifests });
  expect(await catalog(input, context)).toMatchObject({ done: false });
  expect(ec2).toHaveReceivedCommandTimes(LockSnapshotCommand, limits.mutatingCallsPerPass);
  expect(await lockedTo(context)).toBe("i-2");
  expect(await catalog(input, context)).toMatchObject({ done: true });
  expect(await lockedTo(context)).toBe("i-3");
});

it("a pass reports copies that it cannot lock in time, and leaves them to the next one", async () => {
  const context = await aScene(complete());
  const before = { passes: 150, sweeps: 0, walks: {} };
  expect(await catalog({ ...input, catalog: { value: before } }, context)).toMatchObject({
    done: true,
    problems: { web: "not all copies are locked yet: the next pass continues" },
  });
  expect(ec2).toHaveReceivedCommandTimes(LockSnapshotCommand, 0);
});

it("a copy that cannot be locked is reported, and does not fail the pass", async () => {
  ec2.on(LockSnapshotCommand).rejects(fault("UnauthorizedOperation", "no"));
  const context = await aScene(complete());
  expect(await catalog(input, context)).toMatchObject({
    done: true,
    problems: { web: "1 of 1 servers without a lock: i-0a: UnauthorizedOperation: no" },
  });
  expect(await lockedTo(context)).toBeUndefined();
});

it("a copy that is gone needs no lock", async () => {
  ec2.on(LockSnapshotCommand).rejects(fault("InvalidSnapshot.NotFound"));
  expect(await catalog(input, await aScene(complete()))).toMatchObject({ done: true, problems: {} });
});
