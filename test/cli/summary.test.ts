import pc from "picocolors";
import { beforeAll, describe, expect, it } from "vitest";
import { summary } from "../../cli/summary.ts";
import { type Result, resultOf } from "../../simulator/story/result.ts";
import { playPair } from "../support/pair.ts";

let result: Result;
beforeAll(async () => {
  result = resultOf(await playPair({ seed: 2 }));
});

const lines = (over: Partial<Result> = {}, faults: string[] = [], colours = false) =>
  summary({ ...result, ...over }, faults, pc.createColors(colours));
const line = (label: string, over: Partial<Result> = {}) =>
  lines(over)
    .find((text) => text.startsWith(label))
    ?.slice(13);

describe("the summary", () => {
  it("the summary says first of all that everything is simulated, and what failed", () => {
    expect(lines({}, ["region-down eu-west-1 at T+0s"]).slice(0, 2)).toEqual([
      "Scenario     case, seed 2 (everything below is simulated)",
      "What failed  region-down eu-west-1 at T+0s",
    ]);
  });

  it("tells the decision that was acted on, or else the last that held something back, and the runs", () => {
    const decided = (over: Partial<Result> = {}) =>
      lines(over).flatMap((text) => text.match(/^Decided {6}T\S+ (\w+ · \w+)/)?.[1] ?? []);
    expect(decided()).toEqual(["act · RegionUnhealthy"]);
    const decisions = result.decisions.filter(({ action }) => action !== "act");
    expect(decided({ decisions })).toEqual(["hold · Degraded"]);
    expect(line("Run")).toMatch(/^failover failover-pair-\S+: succeeded, from T\+00:0\d:\d\d to T\+00:\d\d:\d\d$/);
  });

  it("the summary names each server that was launched, in the order of their names, and what it came from", () => {
    const text = lines().join("\n");
    expect(text).toMatch(
      /^Launched {5}2 from the point server\.\d{8}T\d{6}Z\n {13}server-1 +i-\w+ {2}\S+ {2}10\.0\.0\.10\n {13}server-2 +i-/m,
    );
    expect(text).not.toMatch(/^Failed /m);
  });

  it("the summary counts servers that are many, and names those that failed", () => {
    const { "eu-central-1": region, ...rest } = result.world as unknown as Record<string, { instances: object[] }>;
    const many = Array.from({ length: 13 }, () => region!.instances).flat();
    const world = { ...rest, "eu-central-1": { ...region, instances: many } } as unknown as Result["world"];
    const step = { state: "Verify", resource: "server", server: "server-9", startedAt: "", endedAt: "" };
    const text = lines({ world, steps: [{ ...step, outcome: "ResourceFailedError" }] }).join("\n");
    expect(text).toMatch(/^Launched {5}26 from the point server\.\w+\nFailed {7}server-9\nDNS /m);
  });

  it("tells the records before and now, and an answer that there is none of", () => {
    expect(line("DNS")).toBe("pair.example.com A: 192.0.2.30 -> 198.51.100.30");
  });

  it("holds every figure beside its objective", () => {
    expect(line("RTO", { rtoSeconds: 440, rtoFromFaultSeconds: 470, rtoOracleSeconds: 400 })).toBe(
      "7m 50s   objective 15m: met (from the fault until users are served; 30s passed before the first evidence; " +
        "Lifeboat itself took 40s, the rest was AWS and waits set in the plan)",
    );
    expect(line("RPO", { rpoSeconds: 3_600 })).toMatch(/^1h +objective 1h: met /);
    expect(line("Data loss", { lossSeconds: 7_200 })).toMatch(/^2h +objective 1h: missed /);
    expect(line("Data loss", { lossSeconds: null })).toBe("none");
  });

  it("the summary counts a person who was asked among what an RTO is made of", () => {
    const decisions = result.decisions.map((one) => (one.action === "act" ? { ...one, action: "ask" } : one));
    expect(line("RTO", { decisions })).toMatch(/the rest was AWS, waits set in the plan, and the approval\)$/);
  });

  it("the summary has no RTO where nothing had to come back, and a missed one where nobody is served", () => {
    expect(line("RTO", { rtoSeconds: null, outageSeconds: 0, servedBy: "eu-west-1" })).toBe(
      "none: users kept their service",
    );
    expect(line("RTO", { rtoSeconds: null, outageSeconds: 1_980, servedBy: null })).toBe(
      "none     objective 15m: missed: users have no service",
    );
  });

  it("judges the RTO by the fault, which no controller knows, where that is the worse", () => {
    const blind = { rtoSeconds: 499, rtoFromFaultSeconds: 2_853, rtoOracleSeconds: null };
    expect(line("RTO", blind)).toBe(
      "47m 33s  objective 15m: missed (from the fault until users are served; 39m 14s passed before the first evidence)",
    );
    const unfelt = { rtoSeconds: 901, rtoFromFaultSeconds: null, rtoOracleSeconds: null };
    expect(line("RTO", unfelt)).toBe("15m 1s   objective 15m: missed (from the first evidence until users are served)");
  });

  it.each([
    [{ outageSeconds: null }, "the plan has no public name: no user was simulated"],
    [{ outageSeconds: 0, servedBy: "eu-west-1" }, "served all the time; eu-west-1 serves now"],
    [{ outageSeconds: 600, served: null, servedBy: null }, "without service for 10m; no Region serves them now"],
  ])("the summary says what users had, and who serves them (%j)", (over, text) => {
    expect(line("Users", over)).toBe(text);
    expect(line("Users")).toMatch(
      /^without service for \d+m \d+s, served again at T\+00:0\d:\d\d; eu-central-1 serves now$/,
    );
  });

  it.each([
    ["proven", "the old servers were proven stopped or isolated before traffic moved"],
    ["unreachable", "the old Region did not answer; cannot confirm that its servers are stopped"],
    ["none", "the old servers were not fenced"],
  ] as const)("the summary says whether the old servers were fenced (%s)", (fence, text) => {
    expect(line("Fence", { fence })).toBe(text);
  });

  it("the summary says of a question without an answer that this is the scenario's doing", () => {
    const error = {
      name: "RefusedError",
      message: "NobodyAnswered: nobody approved run-1 in time",
      hint: "Start it again.",
    };
    expect(line("Outcome", { outcome: "refused", error })).toBe(
      "refused: nobody answered the approval request (as in this scenario)",
    );
    expect(line("Next", { outcome: "refused", error })).toMatch(/^lifeboat rehearse PLAN --approve-after 5m: /);
  });

  it("the summary counts the invariants, and names a broken one with its reason", () => {
    expect(line("Invariants")).toBe("all 11 safety invariants (19 checks) passed");
    const invariants = [{ name: "2 no two writers", held: false, detail: "run-1 moved traffic while i-1 still ran" }];
    const text = lines({ invariants }).join("\n");
    expect(text).toContain(
      "Invariants   1 broken\n             2 no two writers: run-1 moved traffic while i-1 still ran\n",
    );
  });

  it("the summary says of a run that did nothing why", () => {
    const idle = "replicate-pair-1 is still at work";
    const [run] = result.runs;
    const asked = { ...run!, run: "replicate", id: "replicate-by-hand" };
    const over = { runs: [{ ...asked, idle }], runId: asked.id };
    expect(line("Outcome", over)).toBe(`no recovery point was made: ${idle}`);
    // a later pass of the schedule is not the one that was asked for
    expect(line("Outcome", { ...over, runs: [asked, { ...asked, id: "replicate-pair-2", idle }] })).toBe("succeeded");
    expect(line("Run", over)).toMatch(
      /^replicate replicate-by-hand: nothing to do \(replicate-pair-1 is still at work\), from T/,
    );
  });

  it("the summary ends with the outcome, and with what to do next when there is something to do", () => {
    expect(lines().at(-1)).toBe("Outcome      succeeded");
    const error = { name: "RefusedError", message: "the quota is too low", hint: "Raise it." };
    expect(lines({ outcome: "refused", error }).slice(-3)).toEqual([
      "Outcome      refused",
      "             the quota is too low",
      "Next         Raise it.",
    ]);
  });

  it("the summary says of a plan that only notifies that it did, and not that it was told before", () => {
    const decisions = [
      { at: result.zeroAt, action: "notify", code: "RegionUnhealthy", because: "2 of 2" },
      { at: result.zeroAt, action: "hold", code: "AlreadyActedOn", because: `told of it at ${result.zeroAt}` },
    ];
    expect(line("Outcome", { outcome: "held", decisions, error: null })).toBe(
      "held: a message was sent; with action: notify no run starts automatically",
    );
  });

  it("the summary says why nothing was started, and what can be done while nobody serves", () => {
    const hold = {
      at: result.zeroAt,
      action: "hold",
      code: "NotArmed",
      because: "pair has not been healthy for 600 s",
    };
    const held = { outcome: "held", decisions: [hold], error: null } as Partial<Result>;
    expect(lines({ ...held, outageSeconds: 600, servedBy: null }).slice(-2)).toEqual([
      "Outcome      held: no run was started (NotArmed: pair has not been healthy for 600 s)",
      "Next         lifeboat rehearse PLAN --run failover plays a failover that a person starts",
    ]);
    expect(lines({ ...held, outageSeconds: 0 }).at(-1)).toMatch(/^Outcome {6}held: /);
  });

  it("the summary leaves out what there is none of", () => {
    const world = Object.assign({ ...result.world }, { records: [] });
    const nothing = { runs: [], report: null, decisions: [], rtoSeconds: null, lossSeconds: null };
    const text = lines({ ...nothing, outcome: "none", world }).join("\n");
    expect(text).not.toMatch(/^(Run|Report|Decided|DNS|Fence) /m);
    expect(text).toMatch(/^RTO {10}none: users kept their service$/m);
  });

  it.each<[string, Partial<Result>, string]>([
    ["all was well", { outageSeconds: 0, decisions: [] }, "no failover, and none was needed"],
    [
      "all was well again",
      { outageSeconds: 0 },
      "no failover, and none was needed; a failover was on hold (Degraded) until the Region was healthy again",
    ],
    [
      "users went without",
      { outageSeconds: 90, servedBy: "eu-west-1" },
      "no failover: eu-west-1 serves users again, after 1m 30s without service",
    ],
    [
      "users go without",
      { outageSeconds: 90, servedBy: null },
      "no failover: no Region serves users, after 1m 30s without service",
    ],
  ])("the summary says in words that nothing was done (%s)", (_, over, text) => {
    expect(line("Outcome", { outcome: "none", ...over })).toBe(text);
  });

  it.each([
    ["succeeded", 32, "succeeded"],
    ["failed", 31, "failed"],
    ["refused", 33, "refused"],
    ["held", 33, "held"],
  ] as const)("colours %s only where it may", (outcome, code, text) => {
    expect(lines({ outcome, decisions: [] }, [], true).at(-1)).toBe(`Outcome      \u001b[${code}m${text}\u001b[39m`);
    expect(lines({ outcome }).join("\n")).not.toContain("\u001b");
  });
});
