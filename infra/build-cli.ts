import { chmod, stat } from "node:fs/promises";
import { bundleCli } from "./bundle-cli.ts";
import { runScript } from "./script.ts";

const script = {
  name: "build:cli",
  does: "Bundles the command line: dist/cli/ for the package, dist/lifeboat.mjs in one file (docs/install.md).",
  options: {},
};

await runScript(script, async (_, { out }) => {
  for (const path of Object.values(await bundleCli())) {
    await chmod(path, 0o755);
    out(`${path}  ${Math.round((await stat(path)).size / 1_000)} KB`);
  }
});
