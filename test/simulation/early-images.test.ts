import { expect, test } from "vitest";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { Denial } from "../../simulator/iam/authorize.ts";
import { leftovers } from "../../simulator/invariants/invariants.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playPair, twentyServers } from "../support/pair.ts";
import { underOurRoles } from "../support/rights.ts";

const play = async (faults: object[]) => {
  let denials: Denial[] = [];
  const story = await playPair({
    scenario: { world: twentyServers, faults },
    run: "replicate",
    furtherPasses: 2,
    began: (environment) => {
      denials = underOurRoles(environment);
    },
  });
  expect(resultOf(story).invariants.filter(({ held }) => !held)).toEqual([]);
  expect(leftovers(story)).toEqual([]);
  expect(denials).toEqual([]);
  return story;
};

test("images are registered while the last copies of their point run, each once, by the role of Copy", async () => {
  const { world } = await play([]);
  const copies = [...ec2Of(world, "eu-central-1").snapshots.values()].filter(({ copyOf }) => copyOf);
  const lastEnd = Math.max(...copies.map(({ completedAt }) => completedAt ?? 0));
  const registered = world.journal.filter(({ operation, step }) => operation === "RegisterImage" && step === "Copy");
  const before = registered.filter(({ at }) => Date.parse(at) < lastEnd);
  expect(before.length).toBeGreaterThanOrEqual(16);
  const names = world.journal
    .filter(({ operation, outcome }) => operation === "RegisterImage" && outcome === "ok")
    .map(({ input }) => input.Name);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ["copies fail", { at: "-2h", for: "3h", fault: "copy-error", rate: 0.1 }],
  ["replies are lost", { at: "-2h", for: "3h", fault: "lost-response", operation: "RegisterImage", rate: 0.5 }],
  [
    "no image can be registered",
    { at: "-2h", for: "3h", fault: "api-error", operation: "RegisterImage", error: "InternalError" },
  ],
  [
    "the step dies after an image",
    { at: "-2h", for: "3h", fault: "lambda-crash", step: "Copy", operation: "RegisterImage", when: "after", count: 3 },
  ],
])("all invariants hold and nothing is left over when %s", async (_, fault) => {
  const { executions } = await play([fault]);
  expect(executions.filter(({ machine }) => machine === "replicate").at(-1)?.status).toBe("SUCCEEDED");
});
