import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lawsOfEnds } from "../../simulator/laws/ends.ts";
import { lawsOfIncidents } from "../../simulator/laws/incidents.ts";
import { lawsOfPoints } from "../../simulator/laws/points.ts";
import { lawsOfProofs } from "../../simulator/laws/proofs.ts";
import { lawsOfRuns } from "../../simulator/laws/runs.ts";
import { lawsOfWaves } from "../../simulator/laws/waves.ts";
import { root } from "../support/import-graph.ts";

const checks = [lawsOfRuns, lawsOfIncidents, lawsOfPoints, lawsOfProofs, lawsOfEnds, lawsOfWaves].flatMap((laws) =>
  Object.keys(laws),
);
const textOf = (file: string) => readFileSync(`${root}/${file}`, "utf8");
const mutants = readdirSync(`${root}/test/simulator`)
  .filter((file) => file.includes("mutants"))
  .map((file) => textOf(`test/simulator/${file}`))
  .join();

test.each(checks)("a mutant of the code breaks «%s»", (name) => {
  expect(mutants).toContain(`"${name}"`);
});

test("every invariant of docs/invariants.md has a check; that of drills is of dry executions as long as no machine drills", () => {
  const [list = ""] = textOf("docs/invariants.md").split("\n## ");
  const numbers = [...list.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
  const checked = new Set(checks.map((name) => Number.parseInt(name, 10)));

  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(numbers.filter((number) => !checked.has(number))).toEqual([]);
  expect(list).toContain("There are no drills yet: the check is that the daily dry execution");
  expect(existsSync(`${root}/statemachines/drill.asl.json`)).toBe(false);
});
