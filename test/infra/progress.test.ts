import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isGone } from "../../infra/osls.ts";
import { withProgress } from "../../infra/progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("every five seconds it is told how far a stack is, by the events of CloudFormation", async () => {
  const told: string[] = [];
  const work = withProgress(
    "lifeboat-plan-shop in eu-central-1",
    28,
    (line) => told.push(line),
    async (heard) => {
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      heard("  CREATE_IN_PROGRESS - AWS::SQS::Queue - Undelivered");
      heard("  CREATE_COMPLETE - AWS::SQS::Queue - Undelivered");
      heard("  CREATE_COMPLETE - AWS::SNS::Topic - Other");
      heard("  CREATE_COMPLETE - AWS::CloudFormation::Stack - lifeboat-plan-shop");
      heard("  CREATE_FAILED - AWS::IAM::Role - Role");
      heard("Deploying lifeboat to stage live");
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      return "done";
    },
  );
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await work).toBe("done");
  expect(told).toEqual([
    "  lifeboat-plan-shop in eu-central-1: 5s",
    "  lifeboat-plan-shop in eu-central-1: 10s, 2 of 28 resources done",
  ]);
});

test("a stack that fails is waited for no longer", async () => {
  const told: string[] = [];
  const work = withProgress(
    "it",
    null,
    (line) => told.push(line),
    () => Promise.reject(new Error("no")),
  );
  await expect(work).rejects.toThrow("no");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(told).toEqual([]);
});

test.each([
  ["Stack with id lifeboat-sensor-shop does not exist", true],
  ["ValidationError: Stack 'lifeboat-sensor-shop' does not exist", true],
  ["Stack with id lifeboat-plan-shop does not exist", false],
  ["The specified bucket does not exist: lifeboat-sensor-shop", false],
  ["Stack lifeboat-sensor-shop is in DELETE_FAILED state", false],
])("%j means that the stack is gone: %s", (line, gone) => {
  expect(isGone(["Removing lifeboat", line], { stackName: "lifeboat-sensor-shop" })).toBe(gone);
});
