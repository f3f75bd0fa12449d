import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { endInvariants } from "../../simulator/invariants/ends.ts";
import { incidentInvariants } from "../../simulator/invariants/incidents.ts";
import { pointInvariants } from "../../simulator/invariants/points.ts";
import { proofInvariants } from "../../simulator/invariants/proofs.ts";
import { runInvariants } from "../../simulator/invariants/runs.ts";
import { waveInvariants } from "../../simulator/invariants/waves.ts";
import { root } from "../support/import-graph.ts";

const checks = [
  runInvariants,
  incidentInvariants,
  pointInvariants,
  proofInvariants,
  endInvariants,
  waveInvariants,
].flatMap((invariants) => Object.keys(invariants));
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
