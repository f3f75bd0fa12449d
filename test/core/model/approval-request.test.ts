import { expect, it } from "vitest";
import { isUndelivered } from "../../../functions/core/model/approval-request.ts";
import { aQuestion } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:05:00.000Z");
const open = aQuestion({ run: "run-1", askedAt: "2026-03-02T12:04:00.000Z", until: "2026-03-02T12:30:00.000Z" });
const answer = { approved: true, by: "ann", at: "2026-03-02T12:04:30.000Z", via: "arn" };

it("an open question that no topic took is unheard", () => {
  expect(isUndelivered({ question: open, told: false }, "run-1", now)).toBe(true);
});
it.each([
  ["that was told", { told: true }, {}, "run-1"],
  ["of another run", {}, {}, "run-2"],
  ["that has its answer", {}, { answer }, "run-1"],
  ["that is closed", {}, { closedAt: "2026-03-02T12:04:30.000Z" }, "run-1"],
  ["whose time is over", {}, { until: "2026-03-02T12:05:00.000Z" }, "run-1"],
  ["that is being told", {}, { askedAt: "2026-03-02T12:04:00.001Z" }, "run-1"],
])("one %s is not", (_case, over, question, run) => {
  expect(isUndelivered({ told: false, ...over, question: { ...open, ...question } }, run, now)).toBe(false);
});
