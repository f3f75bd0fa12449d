import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./support/import-graph.ts";
import { readmeParts, withParts } from "./support/readme-parts.ts";

const file = join(root, "README.md");
const rewrite = "UPDATE_README=1 npx vitest run test/readme.test.ts writes it";

test(`the README's excerpt, picture and table are those of the tree: ${rewrite}`, async () => {
  const readme = await readFile(file, "utf8");
  const right = withParts(readme, await readmeParts());
  if (process.env.UPDATE_README) await writeFile(file, right);
  else expect(readme).toBe(right);
});

test("a README without a place for a part is told so", () => {
  expect(() => withParts("# Lifeboat", { picture: "" })).toThrow("expected <!-- picture --> and <!-- /picture -->");
});
