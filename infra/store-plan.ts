import { readArguments, runScript } from "./arguments.ts";
import { storePlan } from "./deploy-all.ts";
import { outside } from "./outside.ts";

await runScript(async () => {
  const given = readArguments("store-plan", process.argv.slice(2), [], ["instance-role"]);
  await storePlan(given.plan, outside(given.plan), given["instance-role"]);
});
