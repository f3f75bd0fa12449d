import { beforeAll, describe, expect, it } from "vitest";
import { rehearse } from "../../cli/rehearse.ts";
import { pairPlan } from "../support/pair.ts";

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const text = expect.any(String);
const number = expect.any(Number);
const each = (shape: object) => (list: unknown[]) => {
  expect(list.length).toBeGreaterThan(0);
  for (const one of list) expect(one).toEqual(shape);
};

describe("what rehearse --json prints", () => {
  const chunks: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: it is read as whoever parses it does
  let printed: any;
  beforeAll(async () => {
    const out = { isTTY: false, write: (chunk: string) => chunks.push(chunk) > 0 } as unknown as NodeJS.WriteStream;
    const options = {
      scenario: "primary-region-down",
      seed: 1,
      run: null,
      approveAfterSeconds: null,
      report: false,
      json: true,
      fast: false,
    };
    expect(await rehearse(pairPlan(), options, out)).toBe(0);
    printed = JSON.parse(chunks.join(""));
  });

  it("the output of rehearse --json is one object on one line, and nothing else", () => {
    expect(chunks).toHaveLength(1);
    expect(chunks[0]!.indexOf("\n")).toBe(chunks[0]!.length - 1);
  });

  it("the output of rehearse --json has every key of the contract, and four of its own", () => {
    expect(Object.keys(printed).toSorted()).toEqual(
      [
        ...[
          "application",
          "scenario",
          "seed",
          "decisions",
          "runs",
          "outcome",
          "error",
          "rtoSeconds",
          "rtoFloorSeconds",
          "rtoOracleSeconds",
          "rtoFromFaultSeconds",
          "outageSeconds",
          "served",
          "servedBy",
          "fence",
        ],
        ...["rpoSeconds", "lossSeconds", "objectives", "steps", "calls", "invariants", "transitions", "invocations"],
        ...["historyEvents", "costUsd", "runId", "world"],
        ...["simulated", "zeroAt", "report"],
      ].toSorted(),
    );
  });

  it("the output of rehearse --json says what was played, and that it is simulated", () => {
    expect(printed).toMatchObject({ application: "pair", scenario: "primary-region-down", seed: 1, simulated: true });
    expect(printed.zeroAt).toEqual(isoTime);
  });

  it("tells decisions and runs", () => {
    each({ at: isoTime, action: expect.stringMatching(/^(none|hold|notify|act)$/), code: text, because: text })(
      printed.decisions,
    );
    each({ run: "failover", id: text, outcome: "succeeded", startedAt: isoTime, endedAt: isoTime })(printed.runs);
  });

  it("the output of rehearse --json has the figures in seconds, beside the objectives", () => {
    expect(printed).toMatchObject({
      outcome: "succeeded",
      error: null,
      rtoSeconds: number,
      rtoFloorSeconds: number,
      rpoSeconds: number,
      lossSeconds: number,
      rtoOracleSeconds: number,
      rtoFromFaultSeconds: number,
      outageSeconds: number,
      historyEvents: number,
      served: isoTime,
      servedBy: "eu-central-1",
      fence: "unreachable",
      report: expect.stringContaining("pair: failover"),
      objectives: { rtoSeconds: 900, rpoSeconds: 3_600 },
    });
    expect(Object.keys(printed.objectives).toSorted()).toEqual(["rpoSeconds", "rtoSeconds"]);
  });

  it("tells each step: resource and server are empty where a state is about the whole run", () => {
    each({ state: text, resource: text, server: text, startedAt: isoTime, endedAt: isoTime, outcome: text })(
      printed.steps,
    );
    expect(printed.steps.find(({ state }: { state: string }) => state === "Fence")).toMatchObject({
      resource: "",
      server: "",
    });
    expect(printed.steps.find(({ state }: { state: string }) => state === "Launch")).toMatchObject({
      resource: "server",
    });
  });

  it("tells each call, with ok or the name of its error", () => {
    each({
      at: isoTime,
      service: text,
      operation: text,
      region: text,
      step: text,
      mutating: expect.any(Boolean),
      outcome: expect.stringMatching(/^(ok|[A-Z][\w.]+)$/),
    })(printed.calls);
  });

  it("the output of rehearse --json gives each check of an invariant", () => {
    each({ name: text, held: true, detail: "" })(printed.invariants);
  });

  it("the output of rehearse --json counts transitions, invocations and cost", () => {
    for (const count of [printed.transitions, printed.invocations, printed.costUsd]) expect(count).toBeGreaterThan(0);
    expect(printed.costUsd).toBeLessThan(1);
  });

  it("lists the world by Region, the records, and the row", () => {
    expect(Object.keys(printed.world)).toEqual(["eu-west-1", "eu-central-1", "records", "row"]);
    const optionalText = expect.toSatisfy((value: unknown) => value === null || typeof value === "string");
    for (const region of ["eu-west-1", "eu-central-1"]) {
      const { instances, volumes, snapshots, images, ...others } = printed.world[region];
      expect(others).toEqual({});
      each({
        id: text,
        name: text,
        state: text,
        type: text,
        subnet: text,
        address: text,
        image: optionalText,
        launchedFor: optionalText,
        point: optionalText,
        volumes: expect.any(Array),
      })(instances);
      each({
        id: text,
        sizeGiB: number,
        type: text,
        encrypted: expect.any(Boolean),
        snapshot: optionalText,
        set: optionalText,
      })(volumes);
      each({
        id: text,
        state: text,
        copyOf: optionalText,
        point: text,
        server: text,
        encrypted: expect.any(Boolean),
      })(snapshots);
      if (region === "eu-central-1") each({ id: text, name: text, state: "available" })(images);
      else expect(images).toEqual([]);
    }
    each({ name: text, type: "A", before: ["192.0.2.30"], now: ["198.51.100.30"] })(printed.world.records);
    expect(printed.world.row).toEqual({
      application: "pair",
      active: "eu-central-1",
      home: "eu-central-1",
      generation: 1,
      phase: "failedOver",
      switch: 1,
      run: null,
      protect: null,
      lastRun: { id: text, name: printed.runs[0].id, outcome: "succeeded", endedAt: isoTime },
    });
  });
});
