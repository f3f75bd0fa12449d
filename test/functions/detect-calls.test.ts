import { expect, it } from "vitest";
import { detect } from "../../functions/detect.ts";
import { aPlan } from "../support/builders.ts";
import { simulated } from "../support/simulated.ts";

const alarm = { name: "errors", kind: "alarm" as const, alarm: "errors", region: "eu-west-1" };
const plan = aPlan({
  detect: { ...aPlan().detect, witnesses: [alarm, ...aPlan().detect.witnesses] },
  notify: { topics: ["arn:aws:sns:eu-central-1:111122223333:lifeboat"], on: ["decision", "hold", "done", "rpo"] },
});
const outage = { fault: "region-down" as const, region: "eu-west-1", from: 700_000, until: 10_000_000 };
const services = {
  SFN: {
    StartExecution: () => ({ executionArn: "arn:started" }),
    DescribeExecution: () => ({ status: "RUNNING", input: "{}" }),
  },
  Scheduler: { CreateSchedule: () => ({ ScheduleArn: "arn:booked" }) },
};

it("detect makes at most six calls from the start of a warm evaluation to StartExecution, on AWS's own clients", async () => {
  const invocations = await simulated(
    { plan, faults: [outage], services, traffic: true },
    async ({ context, world, advance }) => {
      await context.store.savePlan(plan);
      await context.store.beginProof("shop", context.now());
      const seen: { calls: string[]; code: string }[] = [];
      for (let minute = 0; minute < 20; minute++) {
        const from = world.journal.length;
        const result = await detect({ application: "shop" }, context);
        const calls = world.journal
          .slice(from)
          .map(({ service, operation, region }) => `${service}.${operation} ${region}`);
        seen.push({
          calls,
          code: "decision" in result ? `${result.decision.action} ${result.decision.code}` : "dropped",
        });
        await advance(60 - ((world.now() / 1_000) % 60));
      }
      return seen;
    },
  );
  const acting = invocations.filter(({ code }) => code.startsWith("act"));
  expect(acting).toHaveLength(1);
  const until = acting[0]!.calls.findIndex((call) => call.startsWith("SFN.StartExecution"));
  expect(acting[0]!.calls.slice(0, until + 1)).toEqual([
    "DynamoDB.BatchGetItem eu-central-1",
    "CloudWatch.DescribeAlarms eu-west-1",
    "EC2.DescribeAvailabilityZones eu-west-1",
    "DynamoDB.PutItem eu-central-1",
    "SFN.StartExecution eu-central-1",
  ]);
  // one of the six is kept for a wish that was not told of before
  expect(until + 1).toBeLessThan(6);
  expect(acting[0]!.calls.at(-1)).toBe("CloudWatch.PutMetricData eu-central-1");
  const booking = invocations.filter(({ calls }) => calls.some((call) => call.startsWith("Scheduler.")));
  expect(booking.map(({ code }) => code)).toEqual(["hold Degraded"]);
  expect(booking[0]!.calls.every((call) => !call.startsWith("SFN."))).toBe(true);
  const green = invocations[5]!.calls;
  expect(green).toEqual([
    "DynamoDB.BatchGetItem eu-central-1",
    "CloudWatch.DescribeAlarms eu-west-1",
    "EC2.DescribeAvailabilityZones eu-west-1",
    "DynamoDB.PutItem eu-central-1",
    "CloudWatch.DescribeAlarms eu-central-1",
    "CloudWatch.PutMetricData eu-central-1",
  ]);
});

it("detect makes six calls when its failover intent is not yet written, and writes it before the start", async () => {
  const calls = await simulated(
    { plan, faults: [{ ...outage, from: 0 }], services, traffic: true },
    async ({ context, world, advance }) => {
      await context.store.savePlan(plan);
      await context.store.beginProof("shop", context.now());
      await context.store.plan("shop", (await context.store.currentPlanVersion("shop"))!);
      // red for three minutes already, armed, and nobody knows of the wish
      const vote = (name: string) => ({
        [name]: { state: "unhealthy" as const, because: "", at, since, lastHealthyAt: null, checkedAt: at },
      });
      await advance(240);
      const at = new Date(world.now() - 60_000).toISOString();
      const since = new Date(world.now() - 240_000).toISOString();
      const verdict = { code: "CannotTell" as const, since, at, because: "", firstFailingAt: null };
      const votes = { ...vote("errors"), ...vote("canary"), ...vote("region") };
      const evidence = { votes, verdict, armedAt: since, greenSince: null, decision: null, incident: null };
      await context.store.saveEvidence("shop", evidence);
      const from = world.journal.length;
      await detect({ application: "shop" }, context);
      return world.journal.slice(from).map(({ service, operation }) => `${service}.${operation}`);
    },
  );
  const until = calls.indexOf("SFN.StartExecution");
  expect(calls.slice(0, until + 1)).toHaveLength(6);
  expect(calls[until - 1]).toBe("DynamoDB.UpdateItem");
});
