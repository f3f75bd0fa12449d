import { readArguments, runScript } from "./arguments.ts";
import { packageAll } from "./package-all.ts";

await runScript(async () => {
  const { plan, ...switches } = readArguments("package", process.argv.slice(2), ["approval-page"]);
  await packageAll(plan, console.log, { approvalPage: switches["approval-page"] });
});
