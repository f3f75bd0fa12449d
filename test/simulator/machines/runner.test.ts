import { CopySnapshotCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { RefusedError } from "../../../functions/core/errors.ts";
import type { Context } from "../../../functions/runtime/context.ts";
import { step } from "../../../functions/runtime/step.ts";
import { inVirtualTime } from "../../../simulator/clock.ts";
import { currentStep } from "../../../simulator/machines/current-step.ts";
import { type Crash, createLambda, type Lambda, type LambdaEnvironment } from "../../../simulator/machines/lambda.ts";
import { anOutside } from "../../support/context.ts";

type Body = (event: Record<string, unknown>, context: Context) => Promise<unknown>;
type Scene = {
  lambda: Lambda;
  /** Mutating and reading calls that reached AWS, with the step that made them. */
  reached: string[];
  wait(seconds: number): Promise<void>;
  /** Whether each container was started cold, in their order. */
  starts: boolean[];
};
const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));

/** Functions in simulated Lambda containers, on an AWS that answers each call after a second. */
const scene = <T>(
  functions: Record<string, Body>,
  body: (scene: Scene) => Promise<T>,
  over: { crashes?: Crash[]; down?: () => boolean; startMs?: number; concurrency?: number } = {},
) => {
  const [reached, starts]: [string[], boolean[]] = [[], []];
  const environment: LambdaEnvironment = {
    crashes: over.crashes ?? [],
    startMs: (cold) => {
      starts.push(cold);
      return over.startMs ?? 0;
    },
    isDown: over.down ?? (() => false),
    brownOut: () => null,
    concurrency: () => over.concurrency ?? 1_000,
    regionUp: async () => {
      while (over.down?.()) await wait(1);
    },
    outside: (watches) =>
      anOutside({
        now: () => new Date(),
        watches: [
          ...watches,
          async ({ operation }) => {
            reached.push(`${currentStep.getStore()} ${operation}`);
            await wait(1);
            return { output: { $metadata: {} }, response: {} };
          },
        ],
      }),
  };
  const handlers = Object.fromEntries(
    Object.entries(functions).map(([name, run]) => [name, step(name, z.record(z.string(), z.unknown()), run)]),
  );
  return inVirtualTime({ start: new Date(0), random: () => 0.5 }, () =>
    body({ lambda: createLambda(handlers, environment), reached, starts, wait }),
  );
};

const copyOne = ({ clients }: Context) =>
  clients(EC2Client, "eu-central-1", "once").send(
    new CopySnapshotCommand({ SourceRegion: "eu-west-1", SourceSnapshotId: "snap-1" }),
  );
const look = ({ clients }: Context) => clients(EC2Client, "eu-central-1").send(new DescribeSnapshotsCommand({}));
const ended = (invocation: Promise<unknown>) =>
  invocation.then(
    () => "ok",
    ({ name, message }: Error) => `${name}: ${JSON.parse(message).errorMessage}`,
  );
const afterCopy: Crash = { step: "Copy", operation: null, nth: 1, when: "after", count: 1 };
const crash = (over: Partial<Crash>): Crash => ({ ...afterCopy, ...over });

describe("an invocation", () => {
  it("an invocation takes and gives JSON: dates become text, what is undefined is left out", async () => {
    const answers = await scene(
      {
        Echo: async (event) => ({ event, at: new Date(0), gone: undefined }),
        Nothing: async () => undefined,
      },
      ({ lambda }) =>
        Promise.all([lambda.invoke("Echo", { at: new Date(5), gone: undefined }), lambda.invoke("Nothing", {})]),
    );
    expect(answers).toEqual([{ event: { at: "1970-01-01T00:00:00.005Z" }, at: "1970-01-01T00:00:00.000Z" }, null]);
  });

  it("fails as Lambda tells it: the name of the error, and a cause that is JSON", async () => {
    const refused = new RefusedError("the quota is too low", "Raise it.");
    const error = await scene({ Preflight: () => Promise.reject(refused) }, ({ lambda }) =>
      lambda.invoke("Preflight", {}).catch((thrown: Error) => thrown),
    );
    expect(error).toMatchObject({
      name: "RefusedError",
      message: '{"errorType":"RefusedError","errorMessage":"the quota is too low -> Raise it."}',
    });
  });

  it("an invocation is refused while the account runs as many functions as it may, and another is accepted once one has ended", async () => {
    const greet = () => wait(5).then(() => "hello");
    const found = await scene(
      { Greet: greet, Look: greet },
      async ({ lambda }) => {
        const first = [lambda.invoke("Greet", {}), lambda.invoke("Greet", {})];
        const [refused, late] = [ended(lambda.invoke("Look", {})), ended(lambda.deliver("Look", {}, 60))];
        await Promise.all(first);
        return [await refused, await ended(lambda.invoke("Look", {})), await late];
      },
      { concurrency: 2 },
    );
    expect(found).toEqual(["Lambda.TooManyRequestsException: Rate Exceeded.", "ok", "ok"]);
  });

  it("an invocation knows its step, and the time that it has left", async () => {
    const { reached, left } = await scene({ Copy: async (_event, context) => copyOne(context) }, async (scene) => {
      await scene.lambda.invoke("Copy", {});
      return { reached: scene.reached, left: scene.lambda.spent() };
    });
    expect(reached).toEqual(["Copy CopySnapshot"]);
    expect(left).toEqual({ invocations: 1, milliseconds: 1_000 });
  });

  it("an invocation is told apart from a function that there is none of", async () => {
    const none = scene({}, ({ lambda }) => lambda.invoke("Copy", {}));
    await expect(none).rejects.toThrow("no function Copy");
  });

  it("an invocation ends after 60 s as Lambda.Unknown, and its container makes no further call", async () => {
    const { end, seconds, reached } = await scene(
      {
        Copy: async (_event, context) => {
          for (;;) {
            await look(context);
            await wait(20);
          }
        },
      },
      async ({ lambda, reached }) => {
        const end = await ended(lambda.invoke("Copy", {}));
        const [seconds, before] = [Date.now() / 1_000, reached.length];
        await wait(600);
        return { end, seconds, reached: reached.length - before };
      },
    );
    expect(end).toBe("Lambda.Unknown: Task timed out after 60 seconds");
    expect(seconds).toBe(60);
    expect(reached).toBe(0);
  });

  it("an invocation that has ended hears no reply any more", async () => {
    const done: string[] = [];
    const slow = async (_event: unknown, context: Context) => {
      await wait(59.5);
      await look(context);
      done.push("went on");
    };
    const end = await scene({ Copy: slow }, async ({ lambda }) => {
      const end = await ended(lambda.invoke("Copy", {}));
      await wait(600);
      return end;
    });
    expect(end).toBe("Lambda.Unknown: Task timed out after 60 seconds");
    expect(done).toEqual([]);
  });

  it("an invocation waits while the controller's own Region is dark, and fails for the machine to retry", async () => {
    const { end, at, reached } = await scene(
      { Copy: async (_event, context) => copyOne(context) },
      async ({ lambda, reached }) => ({ end: await ended(lambda.invoke("Copy", {})), at: Date.now() / 1_000, reached }),
      { down: () => Date.now() < 300_000 },
    );
    expect(end).toBe("Lambda.ServiceException: the Region did not answer");
    expect(at).toBe(300);
    expect(reached).toEqual([]);
  });
});

describe("containers", () => {
  const functions = { Copy: (_event: unknown, context: Context) => copyOne(context) };

  it("are used again one after another: only the first start is cold", async () => {
    const starts = await scene(functions, async ({ lambda, starts }) => {
      await lambda.invoke("Copy", {});
      await lambda.invoke("Copy", {});
      return starts;
    });
    expect(starts).toEqual([true, false]);
  });

  it("are one for each invocation at the same time, and all are kept", async () => {
    const seen = new Set<Context>();
    const remember = {
      Launch: (_event: unknown, context: Context) => {
        seen.add(context);
        return wait(1);
      },
    };
    const starts = await scene(remember, async ({ lambda, starts }) => {
      await Promise.all([1, 2, 3].map(() => lambda.invoke("Launch", {})));
      await Promise.all([1, 2, 3, 4].map(() => lambda.invoke("Launch", {})));
      return starts;
    });
    expect(starts.map(Number).join("")).toBe("1110001");
    expect(seen.size).toBe(4);
  });

  it("belong to one function", async () => {
    const starts = await scene({ ...functions, Fence: functions.Copy }, async ({ lambda, starts }) => {
      await lambda.invoke("Copy", {});
      await lambda.invoke("Fence", {});
      return starts;
    });
    expect(starts).toEqual([true, true]);
  });

  it("survive an error of their step", async () => {
    const starts = await scene({ Copy: () => Promise.reject(new Error("no")) }, async ({ lambda, starts }) => {
      await ended(lambda.invoke("Copy", {}));
      await ended(lambda.invoke("Copy", {}));
      return starts;
    });
    expect(starts).toEqual([true, false]);
  });

  it("take their time to start", async () => {
    const seconds = await scene(
      functions,
      async ({ lambda }) => {
        await lambda.invoke("Copy", {});
        return Date.now() / 1_000;
      },
      { startMs: 500 },
    );
    expect(seconds).toBe(1.5);
  });
});

describe("a crash", () => {
  /** Looks, copies, and hides whatever goes wrong, as a careless step would. */
  const functions = {
    Copy: async (_event: unknown, context: Context) => {
      await look(context);
      await copyOne(context).catch(() => null);
      await copyOne(context).catch(() => null);
      return "hidden";
    },
  };
  const played = (over: Partial<Crash>, invocations = 1) =>
    scene(
      functions,
      async ({ lambda, reached, starts }) => {
        const ends: string[] = [];
        for (let nth = 0; nth < invocations; nth++) ends.push(await ended(lambda.invoke("Copy", {})));
        await wait(600);
        return { ends, copies: reached.filter((call) => call === "Copy CopySnapshot").length, starts };
      },
      { crashes: [crash(over)] },
    );
  const exit = "Lambda.Unknown: Runtime exited";

  it.each([
    ["before a call: the call is never made, and no try hides the end", "before", 0],
    ["after a call: its effect stays, and the dead container makes no other one", "after", 1],
  ] as const)("%s", async (_, when, copies) => {
    expect(await played({ when })).toMatchObject({ ends: [exit], copies });
  });

  it("at the second call only", async () => {
    expect(await played({ when: "before", nth: 2 })).toMatchObject({ ends: [exit], copies: 1 });
    expect(await played({ when: "after", nth: 2 })).toMatchObject({ ends: [exit], copies: 2 });
  });

  it("happens as often as it is asked for; a new container goes on", async () => {
    const { ends, copies, starts } = await played({ when: "after", count: 2 }, 3);
    expect(ends).toEqual([exit, exit, "ok"]);
    expect(copies).toBe(1 + 1 + 2);
    expect(starts).toEqual([true, true, true]);
  });

  it.each([
    ["another step", { step: "Fence" }],
    ["another operation", { operation: "RunInstances" }],
    ["a call that changes nothing", { operation: "DescribeSnapshots" }],
  ])("a crash does not happen in %s", async (_, over) => {
    expect(await played(over)).toMatchObject({ ends: ["ok"], copies: 2 });
  });

  it("kills one container: its siblings finish", async () => {
    const ends = await scene(
      functions,
      ({ lambda }) => Promise.all([1, 2, 3].map(() => ended(lambda.invoke("Copy", {})))),
      { crashes: [crash({ when: "after" })] },
    );
    expect(ends.sort()).toEqual([exit, "ok", "ok"]);
  });
});
