import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What simulator/scenario/shipped.ts reads from the tree, by its last folder and its name. */
const shippedFiles = () =>
  Object.fromEntries(
    ["statemachines", "examples/scenarios"].flatMap((folder) =>
      readdirSync(join(root, folder)).map((file) => [
        `${folder.split("/").at(-1)}/${file}`,
        readFileSync(join(root, folder, file), "utf8"),
      ]),
    ),
  );

/** The bundle has no tree around it: it carries the files. */
const carryShipped: Plugin = {
  name: "carry-shipped",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]simulator[\\/]scenario[\\/]shipped\.ts$/ }, () => ({
      loader: "js",
      contents: [
        `const files = ${JSON.stringify(shippedFiles())};`,
        'const keyOf = ({ pathname }) => pathname.split("/").slice(-2).join("/");',
        "export const shippedText = (file) => files[keyOf(file)];",
        "export const shippedNames = (folder) => Object.keys(files).flatMap((key) => {",
        '  const [home, name] = key.split("/");',
        '  return home === folder.pathname.split("/").at(-2) ? [name] : [];',
        "});",
      ].join("\n"),
    }));
  },
};

/** Some dependencies are CommonJS and ask for Node's own modules by `require`. */
const banner = 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  mainFields: ["module", "main"],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  plugins: [carryShipped],
  entryPoints: [{ in: "cli/main.ts", out: "lifeboat" }],
  outExtension: { ".js": ".mjs" },
  banner: { js: banner },
} satisfies BuildOptions;

/**
 * Builds the command line for machines without this tree: `<folder>/cli/lifeboat.mjs` with a chunk for each command, which
 * the package runs, and `<folder>/lifeboat.mjs`, all in one file. Gives their paths.
 */
export const bundleCli = async (folder = join(root, "dist")) => {
  const chunks = join(folder, "cli");
  await rm(chunks, { recursive: true, force: true });
  await build({ ...options, outdir: chunks, splitting: true });
  await build({ ...options, outdir: folder });
  return { packaged: join(chunks, "lifeboat.mjs"), single: join(folder, "lifeboat.mjs") };
};
