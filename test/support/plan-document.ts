import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A plan document as its author writes it: the web shop of the examples, changed by `edit`. */
// biome-ignore lint/suspicious/noExplicitAny: the cases put anything anywhere
export const aDocument = (edit: (document: any) => void = () => {}): unknown => {
  const document = parse(readFileSync(new URL("../../examples/web-shop.yml", import.meta.url), "utf8"));
  edit(document);
  return document;
};
