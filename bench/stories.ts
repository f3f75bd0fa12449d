import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { runScript } from "../infra/script.ts";
import { UsageError } from "../terminal/output.ts";
import { environment, keep, root } from "../test/moto/processes.ts";
import { atAnyEnd } from "../test/moto/suite.ts";
import { stopAll } from "./processes.ts";

const script = {
  name: "bench:stories",
  does: "CPU seconds of a simulated story, beside those of another checkout with its own node_modules (docs/benchmarks.md).",
  options: {
    plan: { value: "FILE", says: "a plan that both trees have", default: "test/simulation/two-servers.yml" },
    scenario: { value: "NAME", says: "a scenario that both trees have", default: "primary-region-down" },
    stories: { value: "N", says: "stories of a round, after two that are not counted", default: "20" },
    rounds: { value: "N", says: "how often each tree has its turn", default: "3" },
    heap: { value: "MIB", says: "cap of the heap, as --max-old-space-size; without it as Node chooses" },
  },
  rest: "CHECKOUT",
};

/** Runs in a process of its own: plays stories of the tree in which it stands, as its suites do, without stacks of errors. */
const player = `
Error.stackTraceLimit = 0;
const [tree, file, name, stories] = process.argv.slice(1);
const from = (path) => import("file://" + tree + "/" + path);
const [{ readPlan }, { readScenario }, { playStory }] = await Promise.all(
  ["terminal/plan-file.ts", "simulator/scenario/scenario.ts", "simulator/story/story.ts"].map(from));
const { plan } = readPlan(tree + "/" + file);
let used = process.cpuUsage();
for (let seed = -1; seed <= Number(stories); seed += 1) {
  if (seed === 1) used = process.cpuUsage();
  // an earlier tree has the shorter way of its clients as an option, ours plays no other
  await playStory({ plan, scenario: readScenario(name, plan), seed: seed + 2, run: null, light: true });
}
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6 / Number(stories), rssMiB: process.resourceUsage().maxRSS / 1024 }));
process.exit(0);
`;

type Played = { cpuSeconds: number; rssMiB: number };

const playIn = async (tree: string, flags: string[], args: string[]): Promise<Played> => {
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", player, tree, ...args], {
    cwd: tree,
    env: environment({}),
    stdio: ["ignore", "pipe", "inherit"],
  });
  keep(child);
  let said = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the stories of ${tree} ended with ${code}`);
  return JSON.parse(said.trim().split("\n").at(-1)!) as Played;
};

const least = (played: Played[]) => Math.min(...played.map(({ cpuSeconds }) => cpuSeconds));

await runScript(script, async ({ texts, rest }, { out }) => {
  atAnyEnd(stopAll);
  const trees = [root.replace(/\/$/, ""), ...rest.map((path) => resolve(path))];
  for (const tree of trees)
    if (!existsSync(`${tree}/simulator/story.ts`) || !existsSync(`${tree}/node_modules`))
      throw new UsageError(`CHECKOUT: expected a checkout after npm ci (got ${tree})`, `cd ${tree} && npm ci`);
  const { plan = "", scenario = "", stories = "", rounds = "", heap } = texts;
  const flags = heap ? [`--max-old-space-size=${heap}`] : [];
  const all = trees.map((): Played[] => []);
  // in turn: what else the machine does hits both
  for (let round = 0; round < Number(rounds); round += 1)
    for (const [index, tree] of trees.entries()) all[index]!.push(await playIn(tree, flags, [plan, scenario, stories]));

  out("| tree | CPU s a story, least of the rounds | each round | most memory MiB | this tree plays |");
  out("|---|---|---|---|---|");
  for (const [index, played] of all.entries()) {
    const each = played.map(({ cpuSeconds }) => cpuSeconds.toFixed(3)).join(", ");
    const rss = Math.round(Math.max(...played.map(({ rssMiB }) => rssMiB)));
    const name = index === 0 ? "this" : trees[index];
    const ratio = index === 0 ? "" : `${(least(played) / least(all[0]!)).toFixed(2)} × as many`;
    out(`| ${name} | ${least(played).toFixed(3)} | ${each} | ${rss} | ${ratio} |`);
  }
});
