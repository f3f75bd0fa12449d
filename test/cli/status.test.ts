import { describe, expect, it } from "vitest";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import type { Vote } from "../../functions/core/detect/vote.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import type { Readiness } from "../../functions/core/readiness/readiness.ts";
import { aPoint, aQuestion, aRun } from "../support/builders.ts";
import { aCommandScene, planFile } from "../support/command-scene.ts";

const at = "2026-03-02T11:59:40.000Z";
const vote = (state: Vote["state"], because: string): Vote => ({
  state,
  because,
  at,
  since: "2026-03-02T11:55:00.000Z",
  lastHealthyAt: null,
  checkedAt: at,
});
const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  votes: { page: vote("unhealthy", "no answer (ETIMEDOUT)"), region: vote("healthy", "answered") },
  greenSince: null,
  armedAt: "2026-03-02T01:00:00.000Z",
  verdict: {
    code: "WitnessesDisagree",
    because: "1 of 2 witnesses is unhealthy; 2 needed",
    at,
    since: "2026-03-02T11:55:00.000Z",
    firstFailingAt: null,
  },
  decision: { action: "hold", code: "WitnessesDisagree", because: "1 of 2 witnesses is unhealthy; 2 needed", at },
  incident: null,
  ...over,
});
const run = aRun({ application: "pair", name: "failover-pair-1" });
const lease = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} };
const row = { pk: "pair", sk: "row" };

const aScene = async (over: Partial<Evidence> | null = {}) => {
  const scene = await aCommandScene();
  if (over) await scene.store.saveEvidence("pair", evidence(over) as unknown as Record<string, unknown>);
  const lines = async (...args: string[]) => {
    const { code, out } = await scene.run("status", planFile, ...args);
    expect(code).toBe(0);
    return out.trimEnd().split("\n");
  };
  return { ...scene, lines };
};

describe("lifeboat status", () => {
  it("lifeboat status says what serves, who saw what, what was decided, and how much would be lost", async () => {
    const scene = await aScene();
    const pointAt = "2026-03-02T11:30:00.000Z";
    await scene.store.savePoint(
      aPoint({ application: "pair", resource: "server", id: "server.20260302T113000Z", pointAt }),
    );
    expect(await scene.lines()).toEqual([
      expect.stringMatching(/^pair: served from eu-west-1 \(primary\), phase protected, plan [0-9a-f]{16}$/),
      "failover of pair: NOT READY",
      "  readiness was not checked yet: it is checked each hour",
      "verdict: WitnessesDisagree since 2026-03-02T11:55:00.000Z: 1 of 2 witnesses is unhealthy; 2 needed",
      "  page    probe  unhealthy  since 2026-03-02T11:55:00.000Z: no answer (ETIMEDOUT)",
      "  region  api    healthy    since 2026-03-02T11:55:00.000Z: answered",
      "decision: hold · WitnessesDisagree · 1 of 2 witnesses is unhealthy; 2 needed",
      "armed: since 2026-03-02T01:00:00.000Z",
      "rpo server: 30m, objective 1h, newest point server.20260302T113000Z",
      "rights: not proven yet",
      "last run: none",
    ]);
  });

  it.each([
    ["that the first proof is still to come", { at: null }, ["rights: not proven yet, deployed 1d ago"]],
    ["when the rights were proven", {}, ["rights: proven, tested 1h ago"]],
    [
      "what is missing, and what could not be tried",
      {
        denied: [{ step: "launch", action: "ec2:RunInstances", region: "eu-central-1", because: "AccessDenied: no" }],
        unknown: ["ec2:StopInstances in eu-west-1 (fence): Unsupported: no"],
        provenAt: "2026-03-01T11:00:00.000Z",
      },
      [
        "rights: 1 missing, tested 1h ago, last proven 1d 1h ago",
        "  missing: ec2:RunInstances in eu-central-1 (launch): AccessDenied: no",
        "  not tested: ec2:StopInstances in eu-west-1 (fence): Unsupported: no",
      ],
    ],
    [
      "that no proof has come since",
      { at: "2026-03-01T10:00:00.000Z" },
      ["rights: proven, tested 1d 2h ago; no proof since"],
    ],
  ])("lifeboat status says %s", async (_what, over, told) => {
    const scene = await aScene();
    const proof = { ...unproven("2026-03-01T12:00:00.000Z"), at: "2026-03-02T11:00:00.000Z", provenAt: null, ...over };
    await scene.store.saveProof("pair", proof);
    const lines = await scene.lines();
    const from = lines.findIndex((line) => line.startsWith("rights:"));
    expect(lines.slice(from, -1)).toEqual(told);
    const [json] = await scene.lines("--json");
    expect(JSON.parse(json!).proof).toEqual(proof);
  });

  const looked = { at: "2026-03-02T11:48:00.000Z", ready: true, problems: [], waiting: [], warnings: [], tested: {} };
  it.each<[what: string, found: Partial<Readiness>, string[], number]>([
    ["READY", {}, ["failover of pair: READY, checked 12m ago"], 0],
    [
      "NOT READY, with the reasons",
      { ready: false, problems: ["server: subnet subnet-0c10 does not exist"], waiting: ["no test message yet"] },
      [
        "failover of pair: NOT READY, checked 12m ago",
        "  server: subnet subnet-0c10 does not exist",
        "  not yet: no test message yet",
      ],
      1,
    ],
    [
      "that nobody looks any more",
      { at: "2026-03-02T08:00:00.000Z" },
      ["failover of pair: NOT READY, checked 4h ago", "  readiness was not checked for 4 hours"],
      1,
    ],
  ])("lifeboat status says %s, and ends by it where that is asked for", async (_what, found, told, code) => {
    const scene = await aScene();
    await scene.store.saveReadiness("pair", { ...looked, ...found });
    expect((await scene.lines()).slice(1, 1 + told.length)).toEqual(told);
    expect((await scene.run("status", planFile, "--require-ready")).code).toBe(code);
    const { out } = await scene.run("status", planFile, "--json");
    expect(JSON.parse(out)).toMatchObject({ ready: code === 0, reasons: told.slice(1).map((line) => line.trim()) });
  });

  it("lifeboat status counts no point whose copies are gone", async () => {
    const scene = await aScene();
    const own = { application: "pair", resource: "server" };
    const older = { ...own, id: "server.20260302T110000Z", pointAt: "2026-03-02T11:00:00.000Z" };
    await scene.store.savePoint(aPoint(older));
    const damaged = { at: "", because: "gone" };
    await scene.store.savePoint(aPoint({ ...own, id: "server.20260302T113000Z", damaged }));
    expect(await scene.lines()).toContain("rpo server: 1h, objective 1h, newest point server.20260302T110000Z");
  });

  it("puts a question that waits, and a pause, before everything else", async () => {
    const scene = await aScene({
      incident: { id: "20260302T1155Z", firstFailingAt: at, answeredAt: at, answer: "ask" },
    });
    await scene.table.update(row, { set: { run: lease, phase: "running" } });
    await scene.store.saveQuestion("pair", aQuestion({ run: run.name, execution: run.id }), "AQC-canary", "the-nonce");
    await scene.run("pause", planFile, "--reason", "network work");
    const lines = await scene.lines();
    expect(lines.slice(0, 4)).toEqual([
      expect.stringMatching(
        /^pair: served from eu-west-1 \(primary\), phase running, plan .*; running: failover-pair-1$/,
      ),
      "approval needed: failover-pair-1 (Incident): 2 of 2 witnesses are unhealthy",
      `  until 2026-03-02T12:30:00.000Z: lifeboat approve ${planFile}, or lifeboat withhold ${planFile}. If nobody answers by then, the run stops and nothing is changed.`,
      `paused: by ann at 2026-03-02T12:00:00.000Z: network work; Lifeboat starts no run automatically until lifeboat resume ${planFile}`,
    ]);
    expect(lines).toContain("incident: 20260302T1155Z, people were asked at 2026-03-02T11:59:40.000Z");
    const reply = { approved: true, by: "bob", at, via: "arn:answer" };
    await scene.store.answerQuestion("pair", run.name, reply);
    expect((await scene.lines())[2]).toBe(
      "  failover-pair-1 was approved by bob at 2026-03-02T11:59:40.000Z; the run has not processed it yet",
    );
  });

  it("lifeboat status says that detect no longer looks, and what it does not know yet", async () => {
    const old = await aScene({
      verdict: { ...evidence().verdict, at: "2026-03-02T11:50:00.000Z" },
      armedAt: null,
      decision: null,
      votes: {},
      incident: { id: "20260302T1155Z", firstFailingAt: at, answeredAt: null },
    });
    const lines = await old.lines();
    expect(lines[3]).toMatch(/^verdict: WitnessesDisagree .*; no evaluation for 10m$/);
    expect(lines).toContain("  page    probe  not checked yet");
    expect(lines).toContain("armed: no, not yet healthy for 10m");
    expect(lines).toContain("incident: 20260302T1155Z, nothing was done yet");
    expect(lines).toContain("rpo server: no complete point, objective 1h");
    expect(await (await aScene(null)).lines()).toContain("evidence: none yet, detect has not looked");
  });

  it("tells the last run and who took note of it, where it serves now, and a row that is missing", async () => {
    const scene = await aScene();
    const lastRun = { id: "arn:old", name: "failover-pair-0", outcome: "succeeded", endedAt: at };
    await scene.table.update(row, { set: { lastRun, active: "eu-central-1", phase: "failedOver" } });
    expect((await scene.lines()).at(-1)).toBe("last run: failover-pair-0, succeeded at 2026-03-02T11:59:40.000Z");
    await scene.run("acknowledge", planFile, "--by", "bob");
    const lines = await scene.lines();
    expect(lines[0]).toMatch(/^pair: served from eu-central-1 \(recovery\), phase failedOver, /);
    expect(lines.at(-1)).toMatch(/, acknowledged by bob$/);
    await scene.table.remove(row);
    expect((await scene.lines())[0]).toBe("pair: no state record: the deployment did not finish");
  });

  it("puts a move that is not finished, and where its traffic is, next to the place", async () => {
    const scene = await aScene();
    const unfinished = { of: "failover-pair-0", tries: 2, because: "AccessDenied: no", refused: true };
    const lastRun = { id: "arn:old", name: "resume-failover-pair-0-2", outcome: "failed", endedAt: at, unfinished };
    await scene.table.update(row, { set: { lastRun, active: "eu-central-1", phase: "failedOver" } });
    const place = { code: "Elsewhere", because: "192.0.2.30 answers", since: at, at, told: true, revision: 1 };
    await scene.table.put({ pk: "pair", sk: "traffic" }, place);
    expect((await scene.lines()).slice(1, 3)).toEqual([
      `unfinished: The move of failover-pair-0 is not finished, though 2 runs tried to continue it; the last one ended on AccessDenied: no. Fix that, then lifeboat failover ${planFile}. Lifeboat also tries again by itself.`,
      `traffic: elsewhere since ${at}: 192.0.2.30 answers`,
    ]);
    const { out } = await scene.run("status", "pair", "--region", "eu-central-1", "--json");
    expect(JSON.parse(out)).toMatchObject({ unfinished, trafficPlace: place });
  });

  it("lifeboat status gives the same as one object, without the token and the nonce", async () => {
    const scene = await aScene();
    await scene.table.update(row, { set: { run: lease, phase: "running" } });
    await scene.store.saveQuestion("pair", aQuestion({ run: run.name, execution: run.id }), "AQC-canary", "the-nonce");
    const { code, out } = await scene.run("status", "pair", "--region", "eu-central-1", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      application: "pair",
      regions: { primary: "eu-west-1", recovery: "eu-central-1" },
      at: "2026-03-02T12:00:00.000Z",
      row: { phase: "running" },
      evidence: { verdict: { code: "WitnessesDisagree" } },
      controls: { paused: null, acknowledged: null },
      question: { run: "failover-pair-1", answer: null },
      resources: [{ resource: "server", point: null, pointAt: null, rpoSeconds: null, objectiveSeconds: 3_600 }],
    });
    expect(out).not.toMatch(/AQC-canary|the-nonce/);
  });
});
