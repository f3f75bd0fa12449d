import { buildAll } from "./bundle.ts";

for (const [name, { bytes }] of await buildAll())
  console.log(`dist/${name}/index.mjs  ${Math.round(bytes / 1_000)} KB`);
