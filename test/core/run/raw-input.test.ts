import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlanInvalidError } from "../../../functions/core/errors.ts";
import { readInput } from "../../../functions/core/run/raw-input.ts";

const incident = {
  id: "20260302T1200Z",
  firstFailingAt: "2026-03-02T12:00:00.000Z",
  decidedAt: "2026-03-02T12:03:00.000Z",
  because: "2 of 2 witnesses are unhealthy",
};

describe("readInput", () => {
  it("readInput needs only the application", () => {
    expect(readInput({ application: "shop" })).toEqual({
      application: "shop",
      request: { by: "person", reason: null, recoveryPoint: "latest", approve: false, force: false },
      incident: null,
      answer: null,
      resume: false,
      proof: false,
    });
  });
  it("readInput reads everything that a person may give", () => {
    const given = { application: "shop", reason: "drill", recoveryPoint: "2026-03-02", approve: true, force: true };
    expect(readInput(given).request).toEqual({
      by: "person",
      reason: "drill",
      recoveryPoint: "2026-03-02",
      approve: true,
      force: true,
    });
  });
  it("readInput names detect as the starter of a run with an incident, and a schedule that says so", () => {
    expect(readInput({ application: "shop", incident })).toMatchObject({
      request: { by: "detect" },
      incident: { ...incident, ask: false },
    });
    expect(readInput({ application: "shop", by: "schedule" }).request.by).toBe("schedule");
  });
  it("readInput proves rights only when nothing else is asked for", () => {
    expect(readInput({ application: "shop", proof: true }).proof).toBe(true);
    for (const other of [{ proof: false }, { proof: "yes" }, { proof: true, approve: true }, { proof: true, incident }])
      expect(() => readInput({ application: "shop", ...other })).toThrow(
        "proof: expected true, beside the application alone",
      );
  });
  it("readInput takes an answer that comes alone, as the command line brings it", () => {
    const answer = { run: "run-1", approved: false, by: "ann" };
    expect(readInput({ application: "shop", answer })).toMatchObject({ answer, incident: null });
  });
  it.each([
    [{ answer: { run: "run-1", approved: true, by: "ann" }, approve: true }],
    [{ answer: { run: "run-1", approved: true, by: "ann" }, incident }],
    [{ answer: { run: "run-1", approved: true, by: "ann", token: "x" } }],
    [{ answer: { run: "", approved: true, by: "ann" } }],
    [{ answer: { run: "run-1", approved: "yes", by: "ann" } }],
    [{ answer: { run: "run-1", approved: true, by: " " } }],
    [{ answer: { run: "run-1", approved: true, by: "a".repeat(101) } }],
    [{ answer: { run: "run-1", approved: true, by: "ann\u001b[2J\n# web-shop: failover succeeded" } }],
    [{ answer: { run: "run-1", approved: true } }],
    [{ answer: true }],
  ])("readInput refuses an answer of any other shape: %j", (given) => {
    expect(() => readInput({ application: "shop", ...given })).toThrow(
      /^input: answer: expected \{ run, approved, by \}, beside the application alone \(got .*\)$/,
    );
  });
  it("readInput marks a run of a mass failover when detect says so, in a word and nothing else", () => {
    const storm = { ...incident, ask: true, storm: true };
    expect(readInput({ application: "shop", incident: storm }).incident).toEqual(storm);
    expect(() => readInput({ application: "shop", incident: { ...storm, storm: "yes" } })).toThrow(
      /^input: incident: /,
    );
  });
  it("readInput refuses an incident that says more than detect does", () => {
    expect(() => readInput({ application: "shop", incident: { ...incident, act: true } })).toThrow(
      /^input: incident: /,
    );
    expect(readInput({ application: "shop", incident: { ...incident, ask: true } }).incident?.ask).toBe(true);
  });
  it.each([
    ["shop", 'input: expected an object (got "shop")'],
    [null, "input: expected an object (got null)"],
    [["shop"], 'input: expected an object (got ["shop"])'],
    [undefined, "input: expected an object (got nothing)"],
    [{}, "input: application: expected the name of a deployed application (got nothing)"],
    [{ application: "" }, 'input: application: expected the name of a deployed application (got "")'],
    [
      { application: "shop", aprove: true },
      "input: aprove: unknown key; allowed are application, reason, recoveryPoint, approve, force",
    ],
    [{ application: "shop", approve: "yes" }, 'input: approve: expected true or false (got "yes")'],
    [
      { application: "shop", recoveryPoint: "soon" },
      'input: recoveryPoint: expected "latest", the id of a point or an ISO 8601 time (got "soon")',
    ],
    [
      { application: "shop", reason: "the Region\nis dark" },
      'input: reason: expected one line of at most 1000 characters, all of them visible (got "the Region\\nis dark")',
    ],
    [{ application: "shop", by: "me" }, 'input: by: expected "person", "detect" or "schedule" (got "me")'],
    [
      { application: "shop", incident: { id: "x" } },
      'input: incident: expected the incident that detect describes (got {"id":"x"})',
    ],
    [
      { application: "shop", reason: "x".repeat(1_001) },
      `input: reason: expected one line of at most 1000 characters, all of them visible (got "${"x".repeat(59)}…)`,
    ],
    [
      { application: 7, force: 1, reason: {} },
      "input: application: expected the name of a deployed application (got 7); reason: expected one line of at most 1000 characters, all of them visible (got {}); force: expected true or false (got 1)",
    ],
  ])("readInput refuses %j with a sentence", (input, sentence) => {
    expect(() => readInput(input)).toThrow(
      new PlanInvalidError(sentence, 'Start the machine with { "application": "<name>" }.'),
    );
  });
  it("readInput shortens what is long", () => {
    expect(() => readInput("x".repeat(1000))).toThrow(/^input: expected an object \(got "x{59}…\)$/);
  });
  it("readInput throws nothing but PlanInvalidError, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        try {
          readInput(input);
        } catch (error) {
          expect((error as Error).name).toBe("PlanInvalidError");
        }
      }),
    );
  });
});
