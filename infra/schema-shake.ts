import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * The SDK's generated schema modules write `{ [_xN]: _m }` with constants of the same file as keys. esbuild takes a
 * computed key for a side effect and keeps every shape of the service. With literal keys, unused shapes drop out.
 */
export const shakeSchemas = (source: string) => {
  const constants = new Map<string, string>();
  for (const [, name, value] of source.matchAll(/^const (\w+) = ("(?:[^"\\]|\\.)*");$/gm)) constants.set(name!, value!);
  return source.replace(/([{,]\s*)\[(\w+)\](?=:)/g, (whole, before: string, name: string) => {
    const value = constants.get(name);
    return value ? `${before}${value}` : whole;
  });
};

/** esbuild plugin: `shakeSchemas` on every `dist-es/schemas/schemas_N.js` of the SDK. */
export const schemaShake = (): Plugin => ({
  name: "schema-shake",
  setup(build) {
    build.onLoad({ filter: /[\\/]@(?:aws-sdk|smithy)[\\/].*[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: shakeSchemas(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
});
