import { readArguments, runScript } from "./arguments.ts";
import { packageAll } from "./package-all.ts";

await runScript(async () => {
  const { plan } = readArguments("package", process.argv.slice(2));
  await packageAll(plan, console.log);
});
