import { buildAll } from "./bundle.ts";
import { runScript } from "./script.ts";

const script = { name: "build", does: "Bundles every Lambda function into dist/.", options: {} };

await runScript(script, async (_, { out }) => {
  for (const [name, { bytes }] of await buildAll()) out(`dist/${name}/index.mjs  ${Math.round(bytes / 1_000)} KB`);
});
