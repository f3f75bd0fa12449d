import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** `typeOnly`: erased before anything runs. `to` is a path of the tree, or the name of a package. */
export type Import = { from: string; to: string; typeOnly: boolean };

const statement = /^(?:import|export)\s+(type\s+)?(?:[\w\s{},*$]*?\sfrom\s+)?"([^"\n]+)";$/gm;
const dynamic = /\bimport\(\s*(?:\/\*.*?\*\/\s*)?"([^"\n]+)"\s*\)/g;

/** What a TypeScript file imports; `file` and the paths in the answer count from the root of the tree. */
export const importsOf = (file: string, text = readFileSync(join(root, file), "utf8")): Import[] => {
  const found = [
    ...[...text.matchAll(statement)].map(([, type, to]) => ({ to: to!, typeOnly: type !== undefined })),
    ...[...text.matchAll(dynamic)].map(([, to]) => ({ to: to!, typeOnly: false })),
  ];
  return found.map(({ to, typeOnly }) => ({ from: file, to: resolve(file, to), typeOnly }));
};

const resolve = (file: string, to: string) =>
  to.startsWith(".") ? relative(root, join(root, dirname(file), to)).replaceAll("\\", "/") : to;

/** TypeScript files of a folder and everything below it, sorted. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".ts"))
    .sort();

/** Every file and package that `file` loads when it runs, itself included, each with the file that first imported it. */
export const loadedBy = (file: string): Map<string, string> => {
  const loaded = new Map([[file, ""]]);
  for (const one of loaded.keys()) {
    if (!one.endsWith(".ts")) continue;
    for (const { to, typeOnly } of importsOf(one)) if (!typeOnly && !loaded.has(to)) loaded.set(to, one);
  }
  return loaded;
};

/** Files that reach themselves over imports: each circle once, its files sorted. */
export const circlesOf = (targets: Map<string, string[]>): string[][] => {
  const reached = new Map([...targets.keys()].map((file) => [file, reachedFrom(file, targets)]));
  const circles = [...targets.keys()].flatMap((file) => {
    const circle = [...reached.get(file)!].filter((other) => reached.get(other)?.has(file)).sort();
    return circle[0] === file ? [circle] : [];
  });
  return circles;
};

/** What a file imports, directly or not; itself only when it stands in a circle. */
const reachedFrom = (file: string, targets: Map<string, string[]>) => {
  const reached = new Set<string>();
  const open = [...(targets.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(targets.get(next) ?? []));
  }
  return reached;
};
