import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { LogFields } from "../../functions/runtime/context.ts";
import { lambdaOutside } from "../../functions/runtime/lambda.ts";

const environment = {
  AWS_REGION: "eu-central-1",
  LIFEBOAT_TABLE: "lifeboat",
  LIFEBOAT_BUCKET: "lifeboat-reports",
  LIFEBOAT_FAILOVER_MACHINE: "arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-failover:live",
};

beforeEach(() => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
});

/** What Powertools writes to standard output, parsed. */
const written = (write: () => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => lines.push(String(text)) > 0),
  );
  const consoles = (["log", "info", "warn", "error"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((text) => void lines.push(String(text))),
  );
  write();
  for (const spy of [...streams, ...consoles]) spy.mockRestore();
  return lines.map((line) => JSON.parse(line));
};

describe("the settings", () => {
  it("come from the environment", () => {
    expect(lambdaOutside("launch").settings).toEqual({
      region: "eu-central-1",
      home: "eu-central-1",
      table: "lifeboat",
      userDataTable: "",
      bucket: "lifeboat-reports",
      replicateMachine: "",
      detectFunction: "",
      schedulerRole: "",
      approvalUrl: undefined,
      failoverMachine: environment.LIFEBOAT_FAILOVER_MACHINE,
      answerMachine: "",
    });
  });

  it.each(["AWS_REGION", "LIFEBOAT_TABLE", "LIFEBOAT_BUCKET"])("are not complete without %s", (name) => {
    vi.stubEnv(name, "");
    expect(() => lambdaOutside("launch")).toThrow(`environment variable ${name}: expected a value (got none)`);
  });

  it("need no failover machine but in Detect", () => {
    vi.stubEnv("LIFEBOAT_FAILOVER_MACHINE", undefined);
    expect(lambdaOutside("launch").settings.failoverMachine).toBe("");
  });
});

it("nothing watches or replaces AWS in Lambda", () => {
  expect(lambdaOutside("launch")).toMatchObject({ watches: [], clientDefaults: {} });
});

it("the clock is the real one", () => {
  const before = Date.now();
  const now = lambdaOutside("launch").now().getTime();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

it.each(["info", "warn", "error"] as const)("log.%s is one JSON line with its fields", (level) => {
  const [line, ...others] = written(() => lambdaOutside("launch").log[level]("launched", { server: "i-0a" }));
  expect(line).toMatchObject({
    level: level.toUpperCase(),
    message: "launched",
    server: "i-0a",
    service: "lifeboat-launch",
  });
  expect(others).toEqual([]);
});

/** Whether a call of the log may pass these fields: it does not compile with a field that would be lost. */
type Passes<Fields> = Fields extends LogFields ? true : false;

it.each(["level", "message", "sampling_rate", "service", "timestamp"] as const)(
  "a field called %s would be lost, so no call may have one",
  (name) => {
    const loses: Passes<{ [key in typeof name]: string }> = false;
    const keeps: Passes<{ code: string; because: string }> = true;
    const [warning, line] = written(() => lambdaOutside("launch").log.warn("refused", { [name]: "lost" } as LogFields));
    expect([loses, keeps]).toEqual([false, true]);
    expect(warning).toMatchObject({ message: `The key "${name}" is a reserved key and will be dropped.` });
    expect(Object.values(line!)).not.toContain("lost");
  },
);

it("a metric is written in the embedded format, in the namespace Lifeboat, with its dimensions", () => {
  const [line] = written(() =>
    lambdaOutside("catalog").metrics.add("RecoveryPointAgeSeconds", "Seconds", 90, {
      Application: "shop",
      Resource: "web",
    }),
  );
  expect(line).toMatchObject({ RecoveryPointAgeSeconds: 90, Application: "shop", Resource: "web" });
  const { CloudWatchMetrics } = line!._aws as { CloudWatchMetrics: { Namespace: string; Metrics: unknown[] }[] };
  expect(CloudWatchMetrics).toMatchObject([
    { Namespace: "Lifeboat", Metrics: [{ Name: "RecoveryPointAgeSeconds", Unit: "Seconds" }] },
  ]);
});
