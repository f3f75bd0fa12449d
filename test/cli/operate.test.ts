import { describe, expect, it } from "vitest";
import { waitingQuestion } from "../../functions/core/approval/approval.ts";
import { aPlan, aQuestion, aRun } from "../support/builders.ts";
import { aCommandScene, anExecution, planFile } from "../support/command-scene.ts";

const held = aRun({ name: "failover-pair-1", application: "pair" });
const lease = {
  id: held.id,
  name: held.name,
  machine: "failover",
  acquiredAt: "",
  phaseBefore: "protected",
  points: {},
};
const question = aQuestion({ run: held.name, execution: held.id });

type Scene = Awaited<ReturnType<typeof aCommandScene>>;
/** The command line before an application that a run holds, and asks about if it `asks`. */
const aScene = async (given: Parameters<typeof aCommandScene>[0] & { runs?: boolean; asks?: boolean } = {}) => {
  const { runs = false, asks = false, ...rest } = given;
  const started: { name: string; input: unknown; machine: string }[] = [];
  const scene = await aCommandScene({
    ...rest,
    answers: {
      ...anExecution({
        output: { answered: { value: { run: held.name, approved: true, because: "it was approved" } } },
      }),
      StartExecution: ({ input }: { input: Record<string, unknown> }) => {
        started.push({
          name: `${input.name}`,
          machine: `${input.stateMachineArn}`,
          input: JSON.parse(`${input.input}`),
        });
        return { executionArn: "arn:x" };
      },
      ...rest.answers,
    },
  });
  const row = { pk: "pair", sk: "row" };
  if (runs || asks) await scene.table.update(row, { set: { run: lease, phase: "running" } });
  if (asks) await scene.store.saveQuestion("pair", question, "AQC-canary", "nonce");
  return { ...scene, started };
};
const people = ({ store }: Scene) => store.ledger("pair", "people");
const byName = ["pair", "--region", "eu-central-1"];

describe.each([
  ["approve", true, "continues"],
  ["withhold", false, "stops"],
] as const)("lifeboat %s", (command, approved, after) => {
  it("answers the run that waits by an execution of its own, and follows that", async () => {
    const scene = await aScene({ asks: true });
    expect(await scene.run(command, planFile)).toEqual({
      code: 0,
      error: "",
      out: [
        "failover-pair-1 needs approval: Incident: 2 of 2 witnesses are unhealthy",
        "answer-pair-20260302T120000Z in eu-central-1: started",
        "answer-pair-20260302T120000Z: succeeded, it was approved after 3m 20s",
        `failover-pair-1 ${after}: lifeboat status ${planFile} shows its progress`,
        "",
      ].join("\n"),
    });
    expect(scene.started).toEqual([
      {
        name: "answer-pair-20260302T120000Z",
        machine: "arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-failover:live",
        input: { application: "pair", answer: { run: "failover-pair-1", approved, by: "ann" } },
      },
    ]);
  });
  it("works by the name of the message, and says who answers", async () => {
    const scene = await aScene({ asks: true });
    const { code, out } = await scene.run(command, ...byName, "--by", "Bob the on-call", "--json");
    expect(code).toBe(0);
    expect(scene.started[0]?.input).toMatchObject({ answer: { approved, by: "Bob the on-call" } });
    expect(JSON.parse(out)).toMatchObject({ application: "pair", outcome: "succeeded", because: "it was approved" });
    expect(out).not.toContain("AQC-canary");
  });
  it.each([{}, { runs: true }])("is refused when nothing waits (%j)", async (given) => {
    const scene = await aScene(given);
    expect(await scene.run(command, planFile)).toEqual({
      code: 1,
      out: "",
      error: `error: no run of pair waits for approval\nnext: See its state: lifeboat status ${planFile}\n`,
    });
    expect(scene.started).toEqual([]);
  });
  it("ends with the sentence of a refusal", async () => {
    const cause = JSON.stringify({
      errorType: "RefusedError",
      errorMessage: "failover-pair-1 was rejected by bob at 12:01: an answer cannot be changed -> Nothing to do.",
    });
    const scene = await aScene({
      asks: true,
      answers: anExecution({ status: "FAILED", error: "RefusedError", cause }),
    });
    const { code, out, error } = await scene.run(command, planFile);
    expect([code, error]).toEqual([
      1,
      "error: failover-pair-1 was rejected by bob at 12:01: an answer cannot be changed\nnext: Nothing to do.\n",
    ]);
    expect(out).not.toContain(after);
  });
  it.each(["", "x".repeat(101), "ann\u001b[2J", "ann\n# pair: failover succeeded"])(
    "wants a name that a ledger can hold (%#)",
    async (by) => {
      const { code, error } = await (await aScene({ asks: true })).run(command, planFile, "--by", by);
      expect([code, error]).toEqual([
        2,
        expect.stringMatching(
          /^error: --by: expected a name of 1 to 100 characters, all of them visible \(got "[ -~]*"\)/,
        ),
      ]);
    },
  );
});

describe("lifeboat failover", () => {
  const done = { report: { value: { outcome: "succeeded", url: "s3://reports/x.md" } } };
  it("passes on every option, and none that was not given", async () => {
    const scene = await aScene();
    await scene.run("failover", planFile);
    await scene.run(
      ...["failover", planFile, "--reason", "drill", "--recovery-point", "2026-03-02", "--approve", "--force"],
    );
    expect(scene.started.map(({ input }) => input)).toEqual([
      { application: "pair" },
      { application: "pair", reason: "drill", recoveryPoint: "2026-03-02", approve: true, force: true },
    ]);
    expect(scene.started[0]?.name).toBe("failover-pair-20260302T120000Z");
  });
  it("lifeboat failover leaves a question to read, on a terminal too", async () => {
    for (const terminal of [false, true]) {
      const value = { ask: true, code: "LooksHealthy", because: "pair looks healthy" };
      const seen = [{ state: "LossGate", output: { lossGate: { value } } }];
      const { StartExecution: _start, ...answers } = anExecution({ output: done }, seen);
      const scene = await aScene({ terminal, answers });
      const { code, out } = await scene.run("failover", planFile);
      expect(code).toBe(0);
      expect(out).toContain("LossGate: needs approval (LooksHealthy): pair looks healthy\n");
    }
  });
  it("lifeboat failover refuses a recovery point that is none before it starts anything", async () => {
    const scene = await aScene();
    expect(await scene.run("failover", planFile, "--recovery-point", "soon")).toEqual({
      code: 2,
      out: "",
      error:
        "error: --recovery-point: expected latest, a recovery point id or an ISO 8601 time (got soon)\nnext: lifeboat status PLAN lists the newest points\n",
    });
    expect(scene.started).toEqual([]);
  });
});

describe("lifeboat pause and resume", () => {
  it("pauses with a reason, tells who did it, and leaves a run alone", async () => {
    const scene = await aScene({ runs: true });
    expect(await scene.run("pause", planFile, "--reason", "network work")).toEqual({
      code: 0,
      error: "",
      out: `pair: paused by ann; Lifeboat starts no run automatically until lifeboat resume ${planFile}\nfailover-pair-1 is running and continues\n`,
    });
    const paused = { at: "2026-03-02T12:00:00.000Z", by: "ann", reason: "network work" };
    expect((await scene.store.controls("pair")).paused).toEqual(paused);
    expect(await people(scene)).toMatchObject([
      { outcome: "Paused", detail: { because: "paused by ann: network work" } },
    ]);
    const json = await scene.run("pause", ...byName, "--json", "--by", "bob");
    expect(JSON.parse(json.out)).toEqual({
      application: "pair",
      run: "failover-pair-1",
      paused: { at: "2026-03-02T12:00:00.000Z", by: "bob", reason: null },
    });
  });
  it("resumes, and finds nothing to resume the second time", async () => {
    const scene = await aScene();
    await scene.run("pause", planFile);
    expect((await scene.run("resume", planFile, "--by", "bob")).out).toBe(
      "pair: resumed by bob; paused by ann at 2026-03-02T12:00:00.000Z\n",
    );
    expect((await scene.store.controls("pair")).paused).toBeNull();
    expect(await scene.run("resume", planFile)).toEqual({ code: 0, error: "", out: "pair: was not paused\n" });
    expect(JSON.parse((await scene.run("resume", planFile, "--json")).out)).toEqual({
      application: "pair",
      resumed: false,
      pause: null,
    });
  });
});

describe("lifeboat acknowledge", () => {
  const lastRun = { id: "arn:old", name: "failover-pair-0", outcome: "failed", endedAt: "2026-03-02T11:00:00.000Z" };
  it("lifeboat acknowledge takes note of the last run, and says when there is none", async () => {
    const scene = await aScene();
    expect(await scene.run("acknowledge", planFile)).toEqual({
      code: 0,
      error: "",
      out: "pair: no run has ended, so there is nothing to acknowledge\n",
    });
    await scene.table.update({ pk: "pair", sk: "row" }, { set: { lastRun } });
    expect((await scene.run("acknowledge", planFile)).out).toBe(
      "pair: failover-pair-0 acknowledged by ann; it no longer blocks automatic failover\n",
    );
    const acknowledged = { run: "failover-pair-0", at: "2026-03-02T12:00:00.000Z", by: "ann" };
    expect((await scene.store.controls("pair")).acknowledged).toEqual(acknowledged);
    expect(JSON.parse((await scene.run("acknowledge", planFile, "--json")).out)).toEqual({
      application: "pair",
      acknowledged,
    });
  });
  it("lifeboat acknowledge waits for the end of a run that is on", async () => {
    const { code, error } = await (await aScene({ runs: true })).run("acknowledge", planFile);
    expect([code, error]).toEqual([
      1,
      "error: failover-pair-1 is still running: acknowledge it after it has ended\nnext: Wait, then try again.\n",
    ]);
  });
});

describe("every command of whoever is on call", () => {
  const commands = ["status", "failover", "approve", "withhold", "acknowledge", "pause", "resume"];
  it.each(commands)("%s says what is deployed when the name is not", async (command) => {
    const scene = await aScene();
    await scene.store.savePlan(aPlan({ application: "bank" }));
    const { code, error } = await scene.run(command, "pears", "--region", "eu-central-1");
    expect([code, error]).toEqual([
      1,
      "error: pears is not deployed in eu-central-1\nnext: Deployed there: bank, pair. Give the recovery Region as --region.\n",
    ]);
    expect(scene.started).toEqual([]);
  });
  it.each(commands)("%s says so when nothing is deployed, or there is no such file", async (command) => {
    const empty = await aScene({ deployed: false });
    expect(await empty.run(command, planFile)).toMatchObject({
      code: 1,
      error: expect.stringContaining("pair is not deployed in eu-central-1"),
    });
    expect((await empty.run(command, ...byName)).error).toContain("Deployed there: none.");
    expect(await empty.run(command, "no-such.yml")).toMatchObject({ code: 2 });
    expect(await empty.run(command)).toMatchObject({ code: 2, error: expect.stringContaining("missing required") });
  });
  it.each(commands)("%s says how an application is named without its plan", async (command) => {
    const scene = await aScene({ asks: true });
    const { code, error } = await scene.run(command, "pair");
    expect([code, error]).toEqual([
      2,
      "error: pair: expected a plan file, but no such file exists\nnext: to give an application name instead of a plan, add its recovery Region: --region REGION\n",
    ]);
  });
  it.each(commands)("%s has a help of its own", async (command) => {
    const { code, out } = await (await aScene()).run(command, "--help");
    expect([code, out.includes("--region <region>"), out.includes("--json")]).toEqual([0, true, true]);
  });
});

it("a question that was read does not wait", async () => {
  const scene = await aScene({ asks: true });
  await scene.store.closeQuestion("pair", held.name, "2026-03-02T12:00:00.000Z");
  expect(waitingQuestion(await scene.store.question("pair"), await scene.store.row("pair"))).toBeNull();
  expect((await scene.run("approve", planFile)).code).toBe(1);
});
