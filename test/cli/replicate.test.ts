import { describe, expect, it } from "vitest";
import { aCommandScene, anExecution, awsError, planFile } from "../support/command-scene.ts";

const done = {
  lease: { value: { held: true } },
  report: { value: { outcome: "succeeded", url: "s3://reports/x.md" } },
};
const seen = [
  { state: "LoadPlan", output: {} },
  { state: "Snapshot", output: { snapshot: { value: { started: 2 } } } },
  { state: "Copy", output: { copy: { value: { inFlight: 3, waiting: 1, left: 4 } } } },
  { state: "Copy", output: { copy: { value: { inFlight: 0, waiting: 0, left: 0 } } } },
];

describe("lifeboat replicate", () => {
  it("lifeboat replicate starts the deployed machine through its alias, follows it, and says how it ended", async () => {
    const started: unknown[] = [];
    const answers = anExecution({ output: done }, seen);
    const scene = await aCommandScene({
      answers: {
        ...answers,
        StartExecution: ({ input }: { input: object }) => {
          started.push(input);
          return { executionArn: "arn:x" };
        },
      },
    });
    expect(await scene.run("replicate", planFile)).toEqual({
      code: 0,
      error: "",
      out: [
        "replicate-pair-20260302T120000Z in eu-central-1: started",
        "LoadPlan",
        "Snapshot: 2 snapshot sets started",
        "Copy: 3 copies in flight, 1 waiting, 4 left",
        "replicate-pair-20260302T120000Z: succeeded after 3m 20s",
        "report: s3://reports/x.md",
        "",
      ].join("\n"),
    });
    expect(started).toEqual([
      {
        stateMachineArn: "arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-replicate:live",
        name: "replicate-pair-20260302T120000Z",
        input: '{"application":"pair"}',
      },
    ]);
  });

  it("lifeboat replicate keeps one line that changes on a terminal: how long it has been at it, and the newest state", async () => {
    const scene = await aCommandScene({ terminal: true, answers: anExecution({ output: done }, seen) });
    const { out } = await scene.run("replicate", planFile);
    expect(out).toContain("\r\u001b[2K0s  Copy: 0 copies in flight");
    expect(out).toContain("\r\u001b[2Kreplicate-pair-20260302T120000Z: succeeded after 3m 20s\n");
  });

  it("lifeboat replicate gives one object with --json, and reads no history for it", async () => {
    const scene = await aCommandScene({ answers: anExecution({ output: done }) });
    const { code, out } = await scene.run("replicate", planFile, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      application: "pair",
      machine: "replicate",
      name: "replicate-pair-20260302T120000Z",
      execution: expect.stringContaining("lifeboat-replicate:live"),
      status: "SUCCEEDED",
      startedAt: "2026-03-02T12:00:00.000Z",
      endedAt: "2026-03-02T12:03:20.000Z",
      outcome: "succeeded",
      because: null,
      error: null,
      report: "s3://reports/x.md",
      problems: [],
    });
    expect(scene.calls).not.toContain("GetExecutionHistory eu-central-1");
  });

  it.each([
    [
      "a part only",
      {
        output: {
          ...done,
          copy: { value: { problems: { server: "3 copies failed" } } },
          report: { value: { outcome: "partial" } },
        },
      },
      "problem: server: 3 copies failed\nreplicate-pair-20260302T120000Z: partial after 3m 20s\n",
      "",
    ],
    [
      "nothing, since another one is at work",
      { output: { lease: { value: { held: false, because: "pass-1 is at work" } } } },
      "replicate-pair-20260302T120000Z: refused, pass-1 is at work after 3m 20s\n",
      "",
    ],
    [
      "nothing, since it failed",
      { status: "FAILED", error: "RefusedError", cause: '{"errorMessage":"no -> Do this."}' },
      "replicate-pair-20260302T120000Z: refused after 3m 20s\n",
      "error: no\nnext: Do this.\n",
    ],
    [
      "nothing, since it was stopped",
      { status: "ABORTED" },
      "replicate-pair-20260302T120000Z: failed after 3m 20s\n",
      "error: the execution is ABORTED\nnext: read the report, fix the cause, then start the run again\n",
    ],
  ])("exits 1 when it did %s", async (_, end, out, error) => {
    const scene = await aCommandScene({ answers: anExecution(end) });
    const told = await scene.run("replicate", planFile);
    expect(told).toMatchObject({ code: 1, error });
    expect(told.out).toBe(`replicate-pair-20260302T120000Z in eu-central-1: started\n${out}`);
  });

  it("exits 0 when nothing was due", async () => {
    const scene = await aCommandScene({ answers: anExecution({ output: { lease: { value: { held: true } } } }) });
    expect(await scene.run("replicate", planFile)).toMatchObject({
      code: 0,
      out: expect.stringContaining("succeeded, there was nothing to do"),
    });
  });

  it("lifeboat replicate waits longer while nothing is new, and survives answers that fail", async () => {
    const ends = ["RUNNING", "RUNNING", "", "RUNNING", "SUCCEEDED"];
    const scene = await aCommandScene({
      answers: {
        ...anExecution({}),
        DescribeExecution: () => {
          const status = ends.shift();
          return status ? { status } : Object.assign(awsError("ThrottlingException"), { $retryable: undefined });
        },
      },
    });
    expect((await scene.run("replicate", planFile)).code).toBe(0);
    expect(scene.waited.length).toBeGreaterThanOrEqual(3);
    expect(scene.waited).toEqual(scene.waited.toSorted((a, b) => a - b));
    expect(Math.max(...scene.waited)).toBeLessThanOrEqual(10_000);
  });

  it("lifeboat replicate does not fill a log with a state that comes again and again", async () => {
    const passes = 200;
    const answers = anExecution({ output: done });
    let events = 0;
    const exited = (id: number) => ({
      id,
      type: "TaskStateExited",
      timestamp: new Date(0),
      stateExitedEventDetails: {
        name: id % 2 ? "Copy" : "Pause",
        output: `{"copy":{"value":{"left":${passes - id}}}}`,
      },
    });
    const scene = await aCommandScene({
      answers: {
        ...answers,
        DescribeExecution: () => (events < passes ? { status: "RUNNING" } : answers.DescribeExecution),
        GetExecutionHistory: () => ({ events: [exited(++events)] }),
      },
    });
    const { out } = await scene.run("replicate", planFile);
    const copies = out.match(/^Copy: \d+ left$/gm) ?? [];
    expect(copies.length).toBeGreaterThan(3);
    expect(copies.length).toBeLessThanOrEqual(passes / 30 + 1);
    expect(out.match(/^Pause$/gm)).toHaveLength(1);
  });

  it("sends nothing that changes anything with --dry-run", async () => {
    const scene = await aCommandScene({
      answers: {
        DescribeInstances: { Reservations: [{ Instances: [{ InstanceId: "i-1" }, { InstanceId: "i-2" }] }] },
        DescribeVolumes: {
          Volumes: [
            { VolumeId: "vol-1", Size: 8, Attachments: [{ Device: "/dev/xvda" }] },
            { VolumeId: "vol-2", Size: 100, Attachments: [{ Device: "/dev/sdf" }] },
          ],
        },
      },
    });
    const { code, out } = await scene.run("replicate", planFile, "--dry-run");
    expect(code).toBe(0);
    expect(out).toBe(
      "server: one recovery point of 2 servers: CreateSnapshots 2 times, CopySnapshot 2 times (108 GiB of volumes)\n" +
        'not sent: SFN StartExecution in eu-central-1 {"stateMachineArn":"arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-replicate:live","name":"replicate-pair-20260302T120000Z","input":"{\\"application\\":\\"pair\\"}"}\n',
    );
    expect(scene.calls).toEqual(["DescribeInstances eu-west-1", "DescribeVolumes eu-west-1"]);
    const { out: json } = await scene.run("replicate", planFile, "--dry-run", "--json");
    expect(JSON.parse(json)).toMatchObject({
      dryRun: true,
      found: [{ servers: 2 }],
      keptBack: [{ operation: "StartExecution" }],
    });
  });

  it("tells when the deployed plan is another one than the file's", async () => {
    const scene = await aCommandScene({ answers: anExecution({ output: done }) });
    await scene.store.savePlan({ ...scene.plan, priority: 9 });
    const { code, error } = await scene.run("replicate", planFile);
    expect(code).toBe(0);
    expect(error).toMatch(
      /^warning: the deployed plan [0-9a-f]{16} differs from the file; the deployed plan is used\n$/,
    );
  });

  it.each([
    ["what is not deployed", { deployed: false }, "pair is not deployed in eu-central-1", "Deploy it first"],
    [
      "a machine that is not there",
      { answers: { StartExecution: awsError("StateMachineDoesNotExist") } },
      "pair is not deployed in eu-central-1",
      "Deploy it first",
    ],
    [
      "credentials that may not",
      { answers: { StartExecution: awsError("AccessDeniedException", "not you") } },
      "AWS refused: not you",
      "docs/deploy.md",
    ],
    [
      "credentials that have expired",
      { answers: { StartExecution: awsError("ExpiredTokenException") } },
      "the AWS credentials have expired: ExpiredTokenException",
      "Log in again",
    ],
    [
      "a refusal of AWS",
      { answers: { StartExecution: awsError("ExecutionLimitExceeded", "too many") } },
      "AWS refused: ExecutionLimitExceeded: too many",
      "Fix what AWS reports",
    ],
    [
      "a network that is down",
      { answers: { StartExecution: () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }) } },
      "AWS did not answer: connect ECONNREFUSED",
      "Check the network",
    ],
  ])("tells of %s in two lines", async (_, given, what, next) => {
    const scene = await aCommandScene(given);
    const { code, error } = await scene.run("replicate", planFile);
    expect(code).toBe(1);
    expect(error).toMatch(new RegExp(`^error: ${what}.*\nnext: ${next}.*\n$`));
  });

  it("lifeboat replicate starts the machine itself where an emulator knows no alias", async () => {
    const answers = {
      ...anExecution({ output: done }),
      StartExecution: ({ input }: { input: Record<string, unknown> }) =>
        `${input.stateMachineArn}`.endsWith(":live") ? awsError("StateMachineDoesNotExist") : { executionArn: "arn:x" },
    };
    const scene = await aCommandScene({ answers });
    expect((await scene.run("replicate", planFile, "--endpoint-url", "http://127.0.0.1:5000")).code).toBe(0);
  });
});
