import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { AwsError, type BusEvent, type Services } from "../../simulator/kernel.ts";
import { currentStep } from "../../simulator/machines/current-step.ts";
import { createRandom } from "../../simulator/random.ts";
import { oneServer } from "../support/ec2.ts";
import { simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];
const always = { from: 0, until: Number.POSITIVE_INFINITY };
const list = new DescribeInstancesCommand({});

test("streams of different names are independent, and the same name gives the same stream", () => {
  const random = createRandom(7);
  const before = random.fork("a").next();
  for (let draw = 0; draw < 10; draw++) random.next();

  expect(random.fork("a").next()).toBe(before);
  expect(random.fork("b").next()).not.toBe(before);
  expect(createRandom(8).fork("a").next()).not.toBe(before);
});

test("draws are spread evenly", () => {
  const random = createRandom(1);
  const draws = Array.from({ length: 2_000 }, () => random.between(10, 20));

  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  expect(mean).toBeGreaterThan(14.7);
  expect(mean).toBeLessThan(15.3);
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(10);
  expect(() => random.pick([])).toThrow();
});

test("a call takes time, has its effect, and stands in the journal with its step", () =>
  simulated({ plan: oneServer }, async ({ world, clients }) => {
    const startedAt = Date.now();

    const { Reservations } = await currentStep.run("Snapshot", () => clients(EC2Client, primary).send(list));

    expect(Reservations?.length).toBe(1);
    expect(Date.now() - startedAt).toBeGreaterThan(20);
    expect(world.journal).toMatchObject([
      {
        service: "EC2",
        operation: "DescribeInstances",
        region: primary,
        step: "Snapshot",
        mutating: false,
        outcome: "ok",
      },
    ]);
    expect(world.journal[0]!.at).toBe(new Date(startedAt).toISOString());
  }));

test("calls do not all take the same time", () =>
  simulated({ plan: oneServer }, async ({ clients }) => {
    const times: number[] = [];
    for (let count = 0; count < 5; count++) {
      const startedAt = Date.now();
      await clients(EC2Client, primary).send(list);
      times.push(Date.now() - startedAt);
    }

    expect(new Set(times).size).toBeGreaterThan(2);
  }));

test("an operation that is not simulated is named", () =>
  simulated({ plan: oneServer, services: { EC2: {} } }, async ({ clients }) => {
    await expect(clients(EC2Client, primary).send(list)).rejects.toThrow("the simulator has no EC2.DescribeInstances");
  }));

test("an error has AWS's name and status, and a throttle is tried again by the SDK itself", () =>
  simulated({ plan: oneServer, services: failing("RequestLimitExceeded", 503, 2) }, async ({ world, clients }) => {
    await clients(EC2Client, primary).send(list);

    expect(world.journal.map(({ outcome }) => outcome)).toEqual(["RequestLimitExceeded", "RequestLimitExceeded", "ok"]);
  }));

test("with patience `once` a throttle is tried again, a server error is not", async () => {
  for (const [name, status, attempts] of [
    ["RequestLimitExceeded", 503, 2],
    ["InternalError", 500, 1],
  ] as const)
    await simulated({ plan: oneServer, services: failing(name, status, 1) }, async ({ world, clients }) => {
      await clients(EC2Client, primary, "once")
        .send(list)
        .catch(() => undefined);

      expect(world.journal.length).toBe(attempts);
    });
});

const failing = (name: string, status: number, times: number): Services => {
  let left = times;
  const DescribeInstances = () => {
    if (left-- > 0) throw new AwsError(name, "no", status);
    return { Reservations: [] };
  };
  return { EC2: { DescribeInstances } };
};

test("a lost response has its effect, and the caller sees a broken socket", () =>
  simulated(
    { plan: oneServer, faults: [{ ...always, fault: "lost-response", rate: 1 }] },
    async ({ world, clients }) => {
      await expect(clients(EC2Client, primary, "optional").send(list)).rejects.toMatchObject({ code: "ECONNRESET" });

      expect(world.journal).toMatchObject([{ outcome: "ECONNRESET" }]);
    },
  ));

test("a dark Region never gives an answer with an effect, and costs an optional call at most three seconds", async () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 12; seed++)
    await simulated(
      { seed, plan: oneServer, faults: [{ ...always, fault: "region-down", region: primary }] },
      async ({ world, clients }) => {
        const startedAt = Date.now();
        await expect(clients(EC2Client, primary, "optional").send(list)).rejects.toThrow();
        expect(Date.now() - startedAt).toBeLessThanOrEqual(3_000);
        expect((await clients(EC2Client, recovery).send(list)).Reservations).toEqual([]);
        outcomes.add(world.journal[0]!.outcome);
      },
    );

  expect([...outcomes].sort()).toEqual(["ECONNREFUSED", "ServiceUnavailable", "TimeoutError"]);
});

test("a token that the SDK would fill in must be given", () =>
  simulated({ plan: oneServer }, async ({ clients }) => {
    const run = new RunInstancesCommand({ ImageId: "ami-1", MinCount: 1, MaxCount: 1 });

    await expect(clients(EC2Client, primary).send(run)).rejects.toMatchObject({ name: "MissingParameter" });
  }));

test("events arrive after a moment, none from a dark Region, and what is to come is counted", () =>
  simulated(
    { plan: oneServer, faults: [{ from: 60_000, until: 90_000, fault: "region-down", region: primary }] },
    async ({ world, advance }) => {
      const heard: BusEvent[] = [];
      world.onEvent((event) => heard.push(event));
      const emit = (text: string) => world.emit({ "detail-type": text, source: "test", region: primary, detail: {} });
      const before = world.pending();

      emit("first");
      expect(world.pending()).toBe(before + 1);
      await advance(70);
      emit("second");
      await advance(70);

      expect(heard).toMatchObject([{ "detail-type": "first", version: "0", account: "111122223333", resources: [] }]);
      expect(world.pending()).toBe(before);
    },
  ));

test("ids are new each time and the same for the same seed", async () => {
  const ids = (seed: number) =>
    simulated({ seed, plan: oneServer }, async ({ world }) => Array.from({ length: 100 }, () => world.id("snap")));
  const [first, again, other] = [await ids(1), await ids(1), await ids(2)];

  expect(new Set(first).size).toBe(100);
  expect(first[0]).toMatch(/^snap-0[0-9a-f]{16}$/);
  expect(again).toEqual(first);
  expect(other[0]).not.toBe(first[0]);
});
