import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitHint, withHint } from "../../../functions/core/errors.ts";
import type { RunLease } from "../../../functions/core/model/row.ts";
import { judgeOutcome, phaseAfter, readError } from "../../../functions/core/run/outcome.ts";
import { aPlan, aRow } from "../../support/builders.ts";

const lambdaCause = (errorMessage: unknown) => JSON.stringify({ errorType: "RefusedError", errorMessage, trace: [] });
const lease = (phaseBefore: RunLease["phaseBefore"]): RunLease => ({
  id: "arn:run",
  name: "run-1",
  machine: "failover",
  acquiredAt: "2026-03-02T12:00:00.000Z",
  phaseBefore,
  points: {},
});

describe("readError", () => {
  it.each([
    [{ Error: "RefusedError", Cause: lambdaCause("no point -> Run replicate.") }, "no point", "Run replicate."],
    [{ Error: "RefusedError", Cause: lambdaCause("no point") }, "no point", ""],
    [{ Error: "RefusedError", Cause: lambdaCause(null) }, lambdaCause(null), ""],
    [{ Error: "RefusedError", Cause: "plain sentence" }, "plain sentence", ""],
    [{ Error: "RefusedError", Cause: "null" }, "null", ""],
    [{ Error: "RefusedError" }, "RefusedError", ""],
    [{ Error: "RefusedError", Cause: "" }, "RefusedError", ""],
  ])("readError reads %j", (error, message, hint) => {
    expect(readError(error)).toEqual({ name: "RefusedError", message, hint });
  });
  it("readError names an error that has no name", () => {
    expect(readError({})).toEqual({ name: "UnknownError", message: "UnknownError", hint: "" });
  });
  it("readError never throws, whatever the cause", () => {
    fc.assert(fc.property(fc.string(), (Cause) => typeof readError({ Error: "E", Cause }).message === "string"));
  });
});

describe("a hint that travels in a message", () => {
  it("a hint in a message is found again, and is not added twice", () => {
    const said = withHint("no lease", "Wait.");
    expect(withHint(said, "Wait.")).toBe(said);
    expect(splitHint(said)).toEqual({ message: "no lease", hint: "Wait." });
    expect(withHint("no lease", "")).toBe("no lease");
  });
});

describe("judgeOutcome", () => {
  it.each([
    [null, false, "succeeded"],
    [null, true, "partial"],
    ["RefusedError", false, "refused"],
    ["LeaseHeldError", false, "refused"],
    ["PlanInvalidError", false, "failed"],
    ["States.Timeout", true, "failed"],
  ])("%s, incomplete %s: %s", (name, incomplete, outcome) => {
    expect(judgeOutcome(name ? { name, message: "", hint: "" } : null, incomplete)).toBe(outcome);
  });
});

describe("phaseAfter", () => {
  it.each([
    ["the row moved", aRow({ active: "eu-central-1", run: lease("protected") }), "failedOver"],
    ["the row did not move", aRow({ run: lease("protected") }), "protected"],
    ["the run found it reprotecting", aRow({ run: lease("reprotecting") }), "reprotecting"],
    ["a dead run's phase was inherited", aRow({ run: lease("running") }), "protected"],
    ["there is no lease", aRow(), "protected"],
  ] as const)("%s", (_case, row, phase) => {
    expect(phaseAfter(aPlan(), row)).toBe(phase);
  });
});
