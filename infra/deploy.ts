import { readArguments, runScript } from "./arguments.ts";
import { deployAll } from "./deploy-all.ts";
import { outside } from "./outside.ts";

await runScript(async () => {
  const { plan } = readArguments("deploy", process.argv.slice(2));
  await deployAll(plan, outside(plan));
});
