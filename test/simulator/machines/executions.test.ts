import { describe, expect, it } from "vitest";
import { inVirtualTime } from "../../../simulator/clock.ts";
import type { Emitted } from "../../../simulator/kernel.ts";
import { createExecutions, type Execution, type ExecutionsOfRegion } from "../../../simulator/machines/executions.ts";
import type { Lambda } from "../../../simulator/machines/lambda.ts";

const region = "eu-central-1";
const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
const idle: Record<string, unknown> = { LoadPlan: { application: "shop" }, InspectRun: { finding: "idle" } };

type Scene = { executions: ExecutionsOfRegion; events: Emitted[]; heard: string[]; invoked: string[] };

/** The project's own machines, whose functions answer after a second from a table: "State" -> result or error. */
const scene = <T>(
  answers: Record<string, unknown>,
  body: (scene: Scene) => Promise<T>,
  scheduling?: () => Promise<void>,
) => {
  const [events, heard, invoked]: [Emitted[], string[], string[]] = [[], [], []];
  const lambda: Pick<Lambda, "invoke"> = {
    async invoke(state) {
      await wait(1);
      invoked.push(state);
      const answer = answers[state] ?? {};
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer() : answer;
    },
  };
  const executions = createExecutions(region, lambda, (event) => events.push(event), {
    ...(scheduling && { scheduling }),
    started: ({ name }) => heard.push(`${name} started`),
    invoking: ({ name }, state) => heard.push(`${name} ${state} begins`),
    invoked: ({ name }, { state, outcome }) => heard.push(`${name} ${state} ${outcome}`),
    ended: ({ name, status }) => heard.push(`${name} ${status}`),
  });
  return inVirtualTime({ start: new Date(0), random: () => 0.5 }, () => body({ executions, events, heard, invoked }));
};

const untilEnded = async (execution: Execution) => {
  while (execution.status === "RUNNING") await wait(1);
  return execution;
};
const fault = (name: string, errorMessage: string) =>
  Object.assign(new Error(JSON.stringify({ errorType: name, errorMessage })), { name });

describe("an execution", () => {
  it("runs the project's own machine to its end, and tells of every step", async () => {
    const { execution, heard, events } = await scene(idle, async ({ executions, heard, events }) => {
      const execution = await untilEnded(executions.start("close", "close-1", { application: "shop" }));
      return { execution, heard, events };
    });
    expect(execution).toMatchObject({
      machine: "close",
      arn: `arn:aws:states:${region}:111122223333:execution:lifeboat-close:close-1`,
      input: { application: "shop" },
      status: "SUCCEEDED",
      error: null,
      cause: null,
      startedAt: 0,
      endedAt: 2_000,
      output: { run: { application: "shop" }, inspect: { value: { finding: "idle" } } },
    });
    expect([...execution.results]).toEqual([
      ["LoadPlan", { application: "shop" }],
      ["InspectRun", { finding: "idle" }],
    ]);
    expect(execution.transitions).toBe(4);
    expect(heard).toEqual([
      "close-1 started",
      "close-1 LoadPlan begins",
      "close-1 LoadPlan ok",
      "close-1 InspectRun begins",
      "close-1 InspectRun ok",
      "close-1 SUCCEEDED",
    ]);
    expect(events).toEqual([
      {
        source: "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        region,
        resources: [execution.arn],
        detail: {
          executionArn: execution.arn,
          name: "close-1",
          status: "SUCCEEDED",
          error: null,
          cause: null,
          stateMachineArn: `arn:aws:states:${region}:111122223333:stateMachine:lifeboat-close`,
          stateMachineAliasArn: `arn:aws:states:${region}:111122223333:stateMachine:lifeboat-close:live`,
          startDate: 0,
          stopDate: 2_000,
          input: '{"application":"shop"}',
          inputDetails: { included: true },
          output: JSON.stringify(execution.output),
          outputDetails: { included: true },
        },
      },
    ]);
  });

  it("fails with the error and the cause of the step that failed, after Report and Release", async () => {
    const refused = fault("RefusedError", "a request timed out -> Try again.");
    const { execution, invoked } = await scene({ ...idle, InspectRun: refused }, async ({ executions, invoked }) => ({
      execution: await untilEnded(executions.start("close", "close-1", {})),
      invoked,
    }));
    expect(execution).toMatchObject({
      status: "FAILED",
      error: "RefusedError",
      cause: '{"errorType":"RefusedError","errorMessage":"a request timed out -> Try again."}',
    });
    expect(invoked).toEqual(["LoadPlan", "InspectRun", "Report", "Release"]);
  });

  it("an execution counts each retry as a transition", async () => {
    const { execution, invoked } = await scene(
      { ...idle, InspectRun: fault("TransientError", "throttled") },
      async ({ executions, invoked }) => ({
        execution: await untilEnded(executions.start("close", "close-1", {})),
        invoked,
      }),
    );
    const retries = invoked.filter((state) => state === "InspectRun").length - 1;
    expect(retries).toBe(180);
    // LoadPlan, InspectRun, Report, Release, Ended, Failed
    expect(execution.transitions).toBe(6 + retries);
  });

  it.each<[string, Record<string, unknown>, number]>([
    // two tasks, a choice, the end; five events a task
    ["of a run that goes well", idle, 1 + 5 + 5 + 2 + 2 + 1],
    // a task that failed has failed instead of succeeded; a Fail state is entered, and never exited
    ["of a caught failure", { ...idle, InspectRun: fault("RefusedError", "no") }, 1 + 4 * 5 + 2 + 1 + 1],
    // each of the 180 retries: failed, scheduled, started
    ["of retries", { ...idle, InspectRun: fault("TransientError", "throttled") }, 1 + 4 * 5 + 180 * 3 + 2 + 1 + 1],
  ])("an execution counts the events of its history as AWS does: those %s", async (_, answers, events) => {
    const execution = await scene(answers, ({ executions }) => untilEnded(executions.start("close", "close-1", {})));
    expect(execution.historyEvents).toBe(events);
  });

  it("fails at event 25,000, which nothing catches; the Lambda that is at work goes on", async () => {
    const loop = { finding: "ending", polls: 1, waitSeconds: 0 };
    const { execution, invoked, events } = await scene(
      { ...idle, InspectRun: loop },
      async ({ executions, invoked, events }) => {
        const execution = await untilEnded(executions.start("close", "close-1", {}));
        await wait(60);
        return { execution, invoked, events };
      },
    );
    expect(execution).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      historyEvents: 25_000,
      cause: "The execution reached the maximum number of history events (25000).",
    });
    expect(invoked).not.toContain("Report");
    // nine events a turn: a task, a choice, a wait
    expect(invoked.filter((state) => state === "InspectRun")).toHaveLength(Math.floor((25_000 - 7) / 9) + 1);
    expect(events.map(({ detail }) => detail.status)).toEqual(["FAILED"]);
  });

  it("an execution ends as TIMED_OUT when its own time is over, and not before", async () => {
    const ending = { finding: "ending", polls: 1, waitSeconds: 3_000 };
    const { execution, events } = await scene({ ...idle, InspectRun: ending }, async ({ executions, events }) => ({
      execution: await untilEnded(executions.start("close", "close-1", {})),
      events,
    }));
    expect(execution).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout", endedAt: 3_600_000 });
    expect(events.map(({ detail }) => detail.status)).toEqual(["TIMED_OUT"]);
  });

  it("an execution is ABORTED at once when it is stopped; the Lambda that is at work goes on, and nothing after it", async () => {
    const done: string[] = [];
    const slow = async () => {
      await wait(30);
      done.push("InspectRun");
      return { finding: "ended" };
    };
    const { execution, invoked, running, events } = await scene(
      { ...idle, InspectRun: slow },
      async ({ executions, invoked, events }) => {
        const execution = executions.start("close", "close-1", {});
        await wait(5);
        executions.stop(execution.arn);
        executions.stop(execution.arn, "TIMED_OUT");
        const running = executions.running();
        await wait(600);
        return { execution, invoked, running, events };
      },
    );
    expect(execution).toMatchObject({ status: "ABORTED", endedAt: 5_000, error: null, output: null });
    expect(running).toEqual([]);
    expect(done).toEqual(["InspectRun"]);
    expect(invoked).toEqual(["LoadPlan", "InspectRun"]);
    expect(events.map(({ detail }) => detail.status)).toEqual(["ABORTED"]);
  });

  it("can be made to time out at any moment", async () => {
    const execution = await scene(idle, async ({ executions }) => {
      const execution = executions.start("close", "close-1", {});
      await wait(0.5);
      executions.stop(execution.arn, "TIMED_OUT");
      await wait(60);
      return execution;
    });
    expect(execution).toMatchObject({ status: "TIMED_OUT", endedAt: 500 });
  });

  it("an execution that has ended stays as it ended", async () => {
    const execution = await scene(idle, async ({ executions }) => {
      const ended = await untilEnded(executions.start("close", "close-1", {}));
      executions.stop(ended.arn);
      return ended;
    });
    expect(execution.status).toBe("SUCCEEDED");
  });
});

it("executions are found by ARN, by machine and name, and by what is still running", async () => {
  const found = await scene(idle, async ({ executions }) => {
    const first = await untilEnded(executions.start("close", "one", {}));
    const second = executions.start("replicate", "one", {});
    const answer = {
      byArn: executions.find(first.arn)?.arn === first.arn,
      unknown: executions.find("arn:none"),
      byName: executions.byName("replicate", "one")?.arn === second.arn,
      noName: executions.byName("failover", "one"),
      all: executions.all().map(({ machine }) => machine),
      running: executions.running().map(({ machine }) => machine),
      closing: executions.running("close").length,
    };
    executions.stop(second.arn);
    return answer;
  });
  expect(found).toEqual({
    byArn: true,
    unknown: null,
    byName: true,
    noName: null,
    all: ["close", "replicate"],
    running: ["replicate"],
    closing: 0,
  });
});

it("a machine is started through its alias", async () => {
  const arn = await scene(idle, async ({ executions }) => executions.stateMachineArn("failover"));
  expect(arn).toBe(`arn:aws:states:${region}:111122223333:stateMachine:lifeboat-failover:live`);
});

describe("while Step Functions schedules nothing, an execution", () => {
  /** Nothing is scheduled from second 2 on, for so many. */
  const until = (seconds: number) => async () => {
    if (Date.now() >= 1_000) await wait(Math.max(0, 2 + seconds - Date.now() / 1_000));
  };
  const closed = (seconds: number) =>
    scene(
      idle,
      async ({ executions, invoked }) => {
        const execution = await untilEnded(executions.start("close", "close-1", { application: "shop" }));
        await wait(600);
        return { status: execution.status, endedAt: execution.endedAt, invoked };
      },
      until(seconds),
    );

  it("waits, and goes on where it was", async () => {
    const invoked = ["LoadPlan", "InspectRun"];
    expect(await closed(30)).toEqual({ status: "SUCCEEDED", endedAt: 33_000, invoked });
  });

  it("loses the task whose time is over meanwhile, and schedules it once more, which is invoked once", async () => {
    const { status, invoked } = await closed(100);
    expect([status, invoked]).toEqual(["SUCCEEDED", ["LoadPlan", "InspectRun"]]);
  });

  it("invokes nothing any more when it was ended meanwhile", async () => {
    const stopped = scene(
      idle,
      async ({ executions, invoked }) => {
        const { arn } = executions.start("close", "close-1", { application: "shop" });
        await wait(10);
        executions.stop(arn);
        await wait(600);
        return [executions.find(arn)?.status, invoked];
      },
      until(30),
    );
    expect(await stopped).toEqual(["ABORTED", ["LoadPlan"]]);
  });
});
