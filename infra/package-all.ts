import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { waitingFor } from "../terminal/waiting.ts";
import { adviceOf } from "./advice.ts";
import { buildAll } from "./bundle.ts";
import type { Options } from "./functions.ts";
import { namedRoles } from "./iam/instance-roles.ts";
import { refuseTooLong } from "./iam/policy-size.ts";
import { scopeOf } from "./iam/scope.ts";
import { osls, packageFolder, projectRoot } from "./osls.ts";
import { writePortable } from "./portable.ts";
import { type ScopeIn, type Stack, stacksOf } from "./stacks.ts";

/** Writes what serverless.yml includes for one stack. */
export const writeFragment = async ({ role, region, functions, resources }: Stack, root = projectRoot) => {
  const path = join(root, `.package/fragments/${role}-${region}.json`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify({ functions, resources }, null, 2));
};

/**
 * Builds the bundles and packages every stack of the plan into `.package/<role>-<region>/`, without credentials and
 * without a network. `log` hears of each folder as it is ready. One osls at a time: all of them work in `.serverless`.
 */
export const packageAll = async (
  plan: Plan,
  log: (line: string) => void,
  {
    root = projectRoot,
    environment = process.env as Record<string, string | undefined>,
    scopeIn = (() => scopeOf(plan, namedRoles(plan))) as ScopeIn,
    ...options
  }: Partial<Options> & { root?: string; environment?: Record<string, string | undefined>; scopeIn?: ScopeIn } = {},
) => {
  const stacks = stacksOf(plan, { approvalPage: false, ...options }, scopeIn);
  refuseTooLong(stacks);
  await rm(join(root, ".package"), { recursive: true, force: true });
  log("building the functions");
  const bundles = await waitingFor("the bundles of the functions", () => buildAll(join(root, "dist")));
  const largest = Math.max(...[...bundles.values()].map(({ bytes }) => bytes));
  log(`dist/  ${bundles.size} functions, the largest ${Math.round(largest / 1_000)} KB`);
  for (const stack of stacks) {
    await writeFragment(stack, root);
    await waitingFor(`the package of ${stack.stackName} in ${stack.region}`, () =>
      osls("package", stack, { root, environment }),
    );
    await writePortable(stack, root);
    log(`${packageFolder(stack)}/  ${stack.stackName}`);
  }
  for (const line of adviceOf(plan, scopeIn(homeOf(plan)))) log(line);
  return stacks;
};
