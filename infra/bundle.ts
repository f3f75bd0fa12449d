import { createWriteStream } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { ZipFile } from "yazl";
import { schemaShake } from "./schema-shake.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Names of the Lambda functions: the files of `functions/`, without the extension, sorted. */
export const functionNames = async () =>
  (await readdir(join(root, "functions")))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();

/**
 * How a Lambda is bundled. `mainFields` first of all: platform node would take the CommonJS builds, which do not shake.
 * The default credential chain gives way to the environment, where Lambda puts the credentials of the role.
 */
export const bundleOptions = (shake = true) =>
  ({
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    legalComments: "none",
    absWorkingDir: root,
    alias: {
      "@aws-sdk/credential-provider-node": "./functions/runtime/stand-ins/environment-credentials.ts",
      "@smithy/core/event-streams": "./functions/runtime/stand-ins/no-event-streams.ts",
      "@aws-sdk/endpoint-cache": "./functions/runtime/stand-ins/no-endpoint-cache.ts",
    },
    plugins: shake ? [schemaShake()] : [],
  }) satisfies BuildOptions;

/** What became of one function. `inputs`: the files of which something is left in its bundle. */
export type Bundle = { bytes: number; inputs: string[] };

/** Bundles every function into `<folder>/<function>/index.mjs`. */
export const bundleAll = async (folder: string): Promise<Map<string, Bundle>> => {
  const names = await functionNames();
  const { metafile } = await build({
    ...bundleOptions(),
    entryPoints: names.map((name) => ({ in: `functions/${name}.ts`, out: `${name}/index` })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    metafile: true,
  });
  const bundles = Object.entries(metafile.outputs).map(([path, { bytes, inputs }]) => {
    const left = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    return [path.split("/").at(-2)!, { bytes, inputs: left.map(([file]) => file) }] as const;
  });
  return new Map(bundles);
};

/** Writes `<folder>/<name>.zip` around `<folder>/<name>/index.mjs`: local time and mode are fixed, so the same code is the same bytes. */
export const zipFunction = async (folder: string, name: string) => {
  await mkdir(folder, { recursive: true });
  const zip = new ZipFile();
  zip.addFile(join(folder, name, "index.mjs"), "index.mjs", {
    mtime: new Date(2020, 0, 1),
    forceDosTimestamp: true,
    mode: 0o100644,
  });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(folder, `${name}.zip`)));
};

/** Builds everything that Lambda runs into `folder`. */
export const buildAll = async (folder = join(root, "dist")) => {
  const bundles = await bundleAll(folder);
  for (const name of bundles.keys()) await zipFunction(folder, name);
  return bundles;
};
