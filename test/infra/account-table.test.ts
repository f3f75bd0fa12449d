import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { accountTable } from "../support/account-table.ts";
import { withParts } from "../support/readme-parts.ts";
import { packagedExample } from "./packaged.ts";

const page = "docs/deploy.md";

test("docs/deploy.md counts what appears in an account: UPDATE_README=1 npx vitest run --project stories test/infra/account-table.test.ts writes it", async () => {
  const { stacks, templates } = await packagedExample();
  const text = await readFile(page, "utf8");
  const right = withParts(text, { account: accountTable(stacks, templates) });
  if (process.env.UPDATE_README) await writeFile(page, right);
  else expect(text).toBe(right);
}, 600_000);
