import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

const errorClass =
  /export class (\w+) extends __BaseException \{\s+name = "\1";\s+\$fault = "(\w+)";((?:\s+\w+;)*)\s+constructor\(opts\) \{\s+super\(\{\s+name: "\1",\s+\$fault: "\2",\s+\.\.\.opts,?\s+\}\);\s+Object\.setPrototypeOf\(this, \1\.prototype\);((?:\s+this\.(\w+) = opts\.\5;)*)\s+\}\s+\}/g;

const errorOf = `
function errorOf(name, $fault, ...members) {
  const Made = class extends __BaseException {
    name = name;
    $fault = $fault;
    constructor(opts) {
      super({ name, $fault, ...opts });
      Object.setPrototypeOf(this, Made.prototype);
      for (const member of members) this[member] = opts[member];
    }
  };
  return Made;
}
`;

/**
 * Without its class an error has the name and the message that the service gave, as all of EC2 have: what no code of ours
 * names need not be registered, and drops out.
 */
export const dropErrors = (source: string, named: ReadonlySet<string>) =>
  source.replace(/^n0_registry\.registerError\((\w+)\$, \1\);$/gm, (whole, name: string) =>
    named.has(name) ? whole : "",
  );

/** Error classes that are registered stay: let them share one body. */
export const shrinkErrors = (source: string) => {
  const shrunk = source.replace(
    errorClass,
    (whole, name: string, fault: string, declared: string, assigned: string) => {
      const members = [...declared.matchAll(/\w+/g)].map(([member]) => member);
      if (members.length !== [...assigned.matchAll(/this\./g)].length) return whole;
      return `export const ${name} = /* @__PURE__ */ errorOf(${[name, fault, ...members].map((text) => JSON.stringify(text)).join(", ")});`;
    },
  );
  return shrunk === source ? source : shrunk + errorOf;
};

/** Shapes that EC2 only answers with, and that no code of ours passes on whole: to a request, a log or the table. */
export const answersOnly = new Set([
  "Address",
  "Image",
  "InstanceStatus",
  "InstanceTypeInfo",
  "NetworkInterface",
  "SecurityGroup",
  "Snapshot",
  "Subnet",
  "Volume",
]);

/** Of a shape that is only read, members whose name stands nowhere in our code: an answer is read without them. */
export const dropUnread = (source: string, named: ReadonlySet<string>, shapes: ReadonlySet<string> = answersOnly) => {
  const wireNames = new Map<string, string>();
  for (const [, constant, name] of source.matchAll(/^const (\w+) = "(\w+)";$/gm)) wireNames.set(constant!, name!);
  return source.replace(
    /^(export var (\w+)\$ = \[3, n0, \w+,)\n([\s\S]*?)\n\];$/gm,
    (whole, head: string, shape: string, body: string) => {
      const [traits, names = "", schemas = "", ...rest] = partsOf(body);
      const members = partsOf(inside(names)).map((name) => name.trim());
      const types = partsOf(inside(schemas));
      // a required count, or a layout of another version of the generator: left as it is
      if (!shapes.has(shape) || rest.length > 0 || members.length !== types.length) return whole;
      const read = members.flatMap((name, at) => (named.has(wireNames.get(name) ?? "") ? [at] : []));
      const kept = (list: string[]) => `[${read.map((at) => list[at]).join(",")}]`;
      return `${head}\n${traits},\n${kept(members)},\n${kept(types)}\n];`;
    },
  );
};

const inside = (list: string) => list.trim().slice(1, -1);

/** The parts of a list that a comma separates at its own level; none in a text. */
const partsOf = (list: string): string[] => {
  const parts = [""];
  let depth = 0;
  let quote = "";
  for (const letter of list) {
    if (quote) quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "`") quote = letter;
    else if ("[{(".includes(letter)) depth += 1;
    else if ("]})".includes(letter)) depth -= 1;
    if (letter === "," && depth === 0 && !quote) parts.push("");
    else parts.push(parts.pop() + letter);
  }
  return parts.filter((part) => part.trim() !== "");
};

/** Node hashes by itself: the SDK's own SHA-256 is for runtimes without. */
const noOwnHash = () => "export class Sha256Js {}";

/** Of its package.json a client reads the version only. */
export const versionOnly = (source: string) => JSON.stringify({ version: JSON.parse(source).version });

const client = String.raw`[\\/]@aws-sdk[\\/](?:client-[\w-]+|nested-clients)[\\/]`;
const ec2 = /[\\/]@aws-sdk[\\/]client-ec2[\\/].*[\\/]schemas[\\/]schemas_\d+\.js$/;
const rewritten: [RegExp, (source: string, named: ReadonlySet<string>) => string, "js" | "json"][] = [
  [ec2, (source, named) => shakeSchemas(dropErrors(dropUnread(source, named), named)), "js"],
  [
    new RegExp(`${client}.*[\\\\/]schemas[\\\\/]schemas_\\d+\\.js$`),
    (source, named) => shakeSchemas(dropErrors(source, named)),
    "js",
  ],
  [/[\\/]checksum[\\/]sha256[\\/]Sha256Js\.js$/, noOwnHash, "js"],
  [new RegExp(`${client}.*[\\\\/]models[\\\\/]errors\\.js$`), shrinkErrors, "js"],
  [new RegExp(`${client}package\\.json$`), versionOnly, "json"],
];

/** Every word of our code that may be the name of an error or of a member. */
const namesInCode = async (): Promise<ReadonlySet<string>> => {
  const named = new Set<string>();
  for await (const file of glob("functions/**/*.ts", { cwd: root }))
    for (const [name] of (await readFile(join(root, file), "utf8")).matchAll(/\b[A-Z]\w+/g)) named.add(name);
  return named;
};
const root = fileURLToPath(new URL("..", import.meta.url));

/** esbuild plugin: makes the generated code of the SDK's clients droppable. What it does not recognize stays as it is. */
export const schemaShake = (): Plugin => ({
  name: "schema-shake",
  setup(build) {
    const named = namesInCode();
    for (const [filter, rewrite, loader] of rewritten)
      build.onLoad({ filter }, async ({ path }) => ({
        contents: rewrite(await readFile(path, "utf8"), await named),
        loader,
      }));
  },
});
