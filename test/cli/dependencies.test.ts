import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { expect, it, onTestFinished } from "vitest";
import { dependencyLines } from "../../cli/dependencies.ts";
import { dependenciesOf } from "../../simulator/story/dependencies.ts";
import { planeOf } from "../../simulator/story/dependencies-planes.ts";
import { type Pair, pairs, warmDocument, warmPlan } from "../simulation/pairs.ts";
import { aCommandScene } from "../support/command-scene.ts";

const [, , pair] = pairs;

/** A warm standby that two Regions watch, as lifeboat check wants it of an automatic action. */
const watched = (of: Pair, over: Record<string, unknown> = {}) => {
  const { detect, ...document } = warmDocument(of);
  const [page, region] = detect.witnesses;
  const afar = { name: "page", probe: { ...page!.probe, from: "sa-east-1" } };
  return { ...document, detect: { ...detect, witnesses: [afar, region] }, ...over };
};

/** A file with this plan, gone after the test. */
const fileOf = (document: unknown) => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-dependencies-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "warm.json");
  writeFileSync(file, JSON.stringify(document));
  return file;
};

it("lists each path's calls in a table and ends well when nothing dark is needed", async () => {
  const file = fileOf(watched(pair!));

  const { code, out, error } = await (await aCommandScene()).run("check", file, "--dependencies");

  expect({ code, error }).toEqual({ code: 0, error: "" });
  const lines = out.split("\n");
  expect(lines[0]).toMatch(/warning: decisions and alarms reach nobody without notify.topics$/);
  expect(lines[1]).toBe("AWS calls of each path from a rehearsal, seed 1, simulated");
  expect(lines).toContainEqual(expect.stringMatching(/^detect /));
  expect(lines).toContainEqual(expect.stringMatching(/^failover from the decision/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}SFN StartExecution +eu-central-1 +data plane, \d calls?, needed$/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}EC2 DescribeAvailabilityZones +eu-west-1 +control plane, \d+ calls, optional$/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}Route 53 GetHealthCheck +us-east-1 +global control plane, \d+ calls?, optional$/),
  );
  expect(lines.slice(-4, -1)).toEqual([
    `${file}: rehearsed (simulated), primary-region-down: succeeded`,
    `${file}: rehearsed (simulated), primary-region-down, every global control plane down: succeeded`,
    `${file}: ok - warm: eu-west-1 -> eu-central-1, a warm standby, traffic by takeover`,
  ]);
});

it("gives the same as one object", async () => {
  const { code, out } = await (await aCommandScene()).run("check", fileOf(watched(pair!)), "--dependencies", "--json");

  expect(code).toBe(0);
  const { ok, files } = JSON.parse(out);
  const { dependencies, ...rest } = files[0].dependencies;
  expect(ok).toBe(true);
  expect(rest).toEqual({
    simulated: true,
    seed: 1,
    problems: [],
    warnings: [],
    rehearsals: [
      { name: "primary-region-down", outcome: "succeeded", error: null },
      { name: "primary-region-down, every global control plane down", outcome: "succeeded", error: null },
    ],
  });
  for (const one of dependencies)
    expect(one).toEqual({
      path: expect.any(String),
      service: expect.any(String),
      operation: expect.any(String),
      region: expect.any(String),
      calls: expect.any(Number),
      steps: expect.any(Array),
      plane: expect.stringMatching(/^(control|data)$/),
      needed: expect.any(Boolean),
      home: one.home && expect.stringMatching(/^us-/),
      source: expect.stringMatching(/^https:/),
    });
});

it("rehearses no plan that is wrong", async () => {
  const { code, out } = await (await aCommandScene()).run("check", fileOf({ version: 1 }), "--dependencies");

  expect(code).toBe(2);
  expect(out).not.toContain("rehearsed");
});

it("fails with a line for each need that the plan does not accept, and what to do next", async () => {
  const { zone, records } = warmDocument(pair!).traffic;
  // what check refuses before: a run that would move nobody while us-east-1 is down
  const accepting = warmPlan(pairs[0]!, { traffic: { switch: "records", zone, records, acceptControlPlane: true } });
  const found = await dependenciesOf({ ...accepting, traffic: { ...accepting.traffic!, acceptControlPlane: false } });

  const lines = dependencyLines("warm.yml", found, pc.createColors(false));

  expect(lines).toContainEqual(
    expect.stringMatching(/^warm.yml: problem: failover: with primary-region-down it ends failed: /),
  );
  expect(lines).toContain("next: lifeboat rehearse PLAN shows the run with primary-region-down, state by state");
});

it("exits 2 when the failover could not do without a control plane", async () => {
  const { zone, records } = warmDocument(pair!).traffic;
  const file = fileOf(watched(pairs[0]!, { traffic: { switch: "records", zone, records, acceptControlPlane: true } }));

  const { code, out } = await (await aCommandScene()).run("check", file, "--dependencies");

  expect(code).toBe(2);
  expect(out).toContain(`${file}: 1 problem\n`);
});

it.each([
  ["DynamoDB", "UpdateItem", "data", null],
  ["DynamoDB", "DescribeTable", "control", null],
  ["S3", "PutObject", "data", null],
  ["S3", "CreateBucket", "control", null],
  ["EC2", "RunInstances", "control", null],
  ["CloudWatch", "PutMetricData", "data", null],
  ["Route 53", "ListResourceRecordSets", "control", "us-east-1"],
  ["Route53 Recovery Cluster", "UpdateRoutingControlStates", "data", null],
  ["Route53 Recovery Control Config", "ListRoutingControls", "control", "us-west-2"],
  ["IAM", "PutRolePolicy", "control", "us-east-1"],
])("counts %s %s to the %s plane (%s)", (service, operation, plane, home) => {
  expect(planeOf(service, operation)).toMatchObject({ plane, home });
});
