import { readArguments, runScript } from "./arguments.ts";
import { deployAll } from "./deploy-all.ts";
import { outside } from "./outside.ts";

await runScript(async () => {
  const { plan, ...switches } = readArguments("deploy", process.argv.slice(2), ["approval-page"]);
  await deployAll(plan, outside(plan, { approvalPage: switches["approval-page"] }));
});
