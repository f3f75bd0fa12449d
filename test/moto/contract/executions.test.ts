import { describe, expect, it } from "vitest";
import { describeImages } from "../../../functions/aws/ec2/images.ts";
import { existingVolumes, volumesOf } from "../../../functions/aws/ec2/volumes.ts";
import { describeExecution, startExecution, stopExecution } from "../../../functions/aws/execution-history.ts";
import { everyAws } from "../given.ts";
import { primary, recovery } from "../shop.ts";

describe.each(everyAws)("an execution that a person starts on %s", (_, on) => {
  it("runs, and is found by its ARN", async () => {
    const [arn, found] = await on(async ({ clients, machine }) => {
      const arn = await startExecution(clients, recovery, {
        machine,
        name: "by-hand-1",
        input: { application: "shop" },
      });
      return [arn, await describeExecution(clients, recovery, arn)];
    });
    expect(arn).toMatch(/:lifeboat-failover:by-hand-1$/);
    expect(found).toMatchObject({ status: "RUNNING", stoppedAt: null, output: null, error: null });
  });

  it("ends as aborted when it is stopped, and stays so", async () => {
    const [stopped, again] = await on(async ({ clients, machine }) => {
      const given = { machine, name: "by-hand-2", input: { application: "shop" } };
      const arn = await startExecution(clients, recovery, given);
      await stopExecution(clients, recovery, arn, "stopped by ann");
      const found = await describeExecution(clients, recovery, arn);
      await stopExecution(clients, recovery, arn, "stopped by bob");
      return [found, await describeExecution(clients, recovery, arn)];
    });
    // moto dates each stop anew, and forgets the cause: test/simulator/machines/stepfunctions.test.ts has it
    expect(stopped).toMatchObject({ status: "ABORTED", error: null, stoppedAt: expect.any(String) });
    expect(again).toEqual({ ...stopped, stoppedAt: expect.any(String) });
  });
});

describe.each(everyAws)("a listing on %s", (_, on) => {
  it("tells volumes that are there from those that are gone, and has no image that nobody made", async () => {
    const [exist, ids, images] = await on(async ({ clients, servers }) => {
      const volumes = await volumesOf(clients, primary, [servers[0]!]);
      const ids = volumes.flatMap(({ VolumeId }) => VolumeId ?? []);
      const named = [{ Name: "name", Values: ["lifeboat-shop-web.1-app-1"] }];
      return [
        await existingVolumes(clients, primary, [...ids, "vol-0123456789abcdef0"]),
        ids,
        await describeImages(clients, recovery, named),
      ] as const;
    });
    expect([...exist].sort()).toEqual([...ids].sort());
    expect(images).toEqual([]);
  });
});
