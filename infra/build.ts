import { buildAll } from "./bundle.ts";

const sizes = await buildAll();
for (const [name, bytes] of sizes) console.log(`dist/${name}/index.mjs  ${Math.round(bytes / 1_000)} KB`);
