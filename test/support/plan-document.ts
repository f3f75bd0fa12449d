import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { compilePlan } from "../../functions/core/plan-compile.ts";
import { pathText } from "../../functions/core/plan-problems.ts";

// biome-ignore lint/suspicious/noExplicitAny: the cases put anything anywhere
export type Edit = (document: any) => void;

const webShop = parse(readFileSync(new URL("../../examples/web-shop.yml", import.meta.url), "utf8"));

/** A plan document as its author writes it: the web shop of the examples, changed by `edit`. */
export const aDocument = (edit: Edit = () => {}): unknown => {
  const document = structuredClone(webShop);
  edit(document);
  return document;
};

/** What is wrong with the web shop after `edit`, as a person reads it. */
export const problemsOf = (edit: Edit) =>
  compilePlan(aDocument(edit)).problems.map(
    ({ path, expected, got }) => `${pathText(path)}: expected ${expected} (got ${got})`,
  );

export const warningsOf = (edit: Edit) =>
  compilePlan(aDocument(edit)).warnings.map(({ path, message }) => `${pathText(path)}: ${message}`);
