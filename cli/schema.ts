import { planJsonSchema } from "../functions/core/plan/schema/plan.ts";
import packageJson from "../package.json" with { type: "json" };
import type { ExitCode, Output } from "../terminal/output.ts";
import { examples, meanings } from "./plan-descriptions.ts";

// biome-ignore lint/suspicious/noExplicitAny: a node of a JSON Schema
type Node = any;

/** The plan's JSON Schema as editors show it: each key with its meaning, and patterns that other languages compile as well. */
export const editorSchema = () => {
  const { $schema, ...schema } = JSON.parse(JSON.stringify(planJsonSchema())) as Node;
  describe(schema, "");
  return {
    $schema,
    $id: `urn:lifeboat:plan:${packageJson.version}`,
    description: "docs/plan.md explains it",
    ...schema,
  };
};

const describe = (node: Node, path: string) => {
  if (node.pattern)
    node.pattern = node.pattern.replaceAll("\\/", "/").replaceAll("\\p{Cc}", "\\u0000-\\u001F\\u007F-\\u009F");
  for (const [key, child] of Object.entries<Node>(node.properties ?? {})) {
    const below = path ? `${path}.${key}` : key;
    const form = child.description ? `: ${child.description}` : "";
    child.description = `${meanings[below] ?? key}${form}`;
    if (examples[below]) child.examples = examples[below];
    describe(child, below);
  }
  for (const child of [node.items, ...(node.anyOf ?? []), ...(node.oneOf ?? [])]) if (child) describe(child, path);
  if (typeof node.additionalProperties === "object") describe(node.additionalProperties, `${path}.*`);
  if (typeof node.propertyNames === "object") describe(node.propertyNames, path);
};

/** Prints it: one line with `json`, else indented. */
export const schema = ({ json }: { json: boolean }, output: Output): ExitCode => {
  output.out(JSON.stringify(editorSchema(), null, json ? 0 : 2));
  return 0;
};
