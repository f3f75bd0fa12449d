import { readArguments, runScript } from "./arguments.ts";
import { outside } from "./outside.ts";
import { removeAll } from "./remove-all.ts";

await runScript(async () => {
  const { plan, controllers } = readArguments("remove", process.argv.slice(2), ["controllers"]);
  await removeAll(plan, controllers, outside(plan));
});
