import { chmod, stat } from "node:fs/promises";
import { bundleCli } from "./bundle-cli.ts";

for (const path of Object.values(await bundleCli())) {
  await chmod(path, 0o755);
  console.log(`${path}  ${Math.round((await stat(path)).size / 1_000)} KB`);
}
