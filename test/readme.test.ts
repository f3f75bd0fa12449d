import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root } from "./support/import-graph.ts";
import { generatedParts, withParts } from "./support/readme-parts.ts";

const rewrite = "UPDATE_README=1 npx vitest run --project units test/readme.test.ts writes it";
let parts: Awaited<ReturnType<typeof generatedParts>>;
beforeAll(async () => {
  parts = await generatedParts();
});

test.each(["README.md", "docs/architecture.md"])(
  `what is generated of %s is that of the tree: ${rewrite}`,
  async (name) => {
    const page = await readFile(join(root, name), "utf8");
    const right = withParts(page, parts[name]!);
    if (process.env.UPDATE_README) await writeFile(join(root, name), right);
    else expect(page).toBe(right);
  },
);

test("a page without a place for a part is told so", () => {
  expect(() => withParts("# Lifeboat", { picture: "" })).toThrow("expected <!-- picture --> and <!-- /picture -->");
});

test("the README tells the cost that docs/deploy.md adds up", async () => {
  const [readme, deploy] = await Promise.all(
    ["README.md", "docs/deploy.md"].map((name) => readFile(join(root, name), "utf8")),
  );
  const [, total] = /\*\*the controller\*\* \| \| \*\*\$(\d+\.\d\d)\*\*/.exec(deploy!) ?? [];
  const told = [...readme!.matchAll(/about \$(\d+) a month/g)].map(([, amount]) => Number(amount));
  expect(told).toEqual([Math.round(Number(total)), Math.round(Number(total))]);
});
