import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root } from "./support/import-graph.ts";
import { generatedParts, rehearsalPicture, withParts } from "./support/readme-parts.ts";

const rewrite = "UPDATE_README=1 npx vitest run --project units test/readme.test.ts writes it";
let parts: Awaited<ReturnType<typeof generatedParts>>;
beforeAll(async () => {
  parts = await generatedParts();
});

test.each(["docs/scenarios.md", "docs/invariants.md", "docs/architecture.md"])(
  `what is generated of %s is that of the tree: ${rewrite}`,
  async (name) => {
    const page = await readFile(join(root, name), "utf8");
    const right = withParts(page, parts[name]!);
    if (process.env.UPDATE_README) await writeFile(join(root, name), right);
    else expect(page).toBe(right);
  },
);

test(`the picture of a rehearsal is of what npm start prints: ${rewrite}`, async () => {
  const file = join(root, "docs/rehearsal.svg");
  const right = await rehearsalPicture();
  expect(right.match(/<text /g)?.length).toBeGreaterThan(20);
  if (process.env.UPDATE_README) await writeFile(file, right);
  else expect(await readFile(file, "utf8")).toBe(right);
});

test("the README shows the picture and has less than 150 lines", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  expect(readme).toContain("](docs/rehearsal.svg)");
  expect(readme.split("\n").length).toBeLessThan(150);
});

test("a page without a place for a part is an error", () => {
  expect(() => withParts("# Lifeboat", { picture: "" })).toThrow("expected <!-- picture --> and <!-- /picture -->");
});

test("the README and the comparison give the cost that docs/deploy.md adds up", async () => {
  const [readme, comparison, deploy] = await Promise.all(
    ["README.md", "docs/comparison.md", "docs/deploy.md"].map((name) => readFile(join(root, name), "utf8")),
  );
  const [, total] = /\*\*the controller\*\* \| \| \*\*\$(\d+\.\d\d)\*\*/.exec(deploy!) ?? [];
  const amounts = [readme!, comparison!].map((page) =>
    [...page.matchAll(/about \$(\d+) a month/g)].map(([, one]) => Number(one)),
  );
  expect(amounts).toEqual([[Math.round(Number(total))], [Math.round(Number(total))]]);
});
