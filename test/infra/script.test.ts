import { expect, test } from "vitest";
import { planOf, planOption, ScriptError } from "../../infra/arguments.ts";
import { codeOfScript, type Script, type Values } from "../../infra/script.ts";
import { createOutput } from "../../terminal/output.ts";

const script: Script = {
  name: "deploy",
  does: "Deploys a plan.",
  options: { ...planOption, seeds: { value: "N", says: "how many", default: "3" }, yes: { says: "do not ask" } },
};

const run = async (args: string[], body: (values: Values) => Promise<void> = async () => {}) => {
  const [out, error]: [string[], string[]] = [[], []];
  const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 }) as never;
  const code = await codeOfScript(script, args, createOutput(stream(out), stream(error)), async (values, { named }) => {
    named({ application: "shop", regions: { primary: "eu-west-1", recovery: "eu-central-1" } });
    await body(values);
  });
  return { code, out: out.join(""), error: error.join("") };
};
const usage = "Usage: npm run deploy -- --plan FILE [--seeds N] [--yes]";

test("a script takes its plan, its options and its switches", async () => {
  const taken: unknown[] = [];
  await run(["--plan", "a.yml", "--yes"], async ({ texts, switches }) => void taken.push(texts, switches.yes));
  expect(taken).toEqual([{ plan: "a.yml", seeds: "3" }, true]);
});

test("--help prints what it does and what it takes, and does nothing", async () => {
  const { code, out } = await run(["--help"], () => Promise.reject(new Error("done")));
  expect(code).toBe(0);
  expect(out.split("\n")).toEqual([
    usage,
    "",
    "Deploys a plan.",
    "",
    "  --plan FILE  the plan, a YAML file",
    "  --seeds N    how many (default: 3)",
    "  --yes        do not ask",
    "  --help       this page",
    "",
  ]);
});

test.each([
  ["no plan", [], "which plan?"],
  ["an unknown option", ["--plan", "a.yml", "--all"], "Unknown option '--all'"],
  ["an option without its value", ["--plan"], "Option '--plan <value>' argument missing"],
  ["a word too many", ["--plan", "a.yml", "now"], "Unexpected argument 'now'"],
])("%s is bad usage, said with what is right", async (_, args, message) => {
  const { code, error } = await run(args);
  expect([code, error.split("\n")]).toEqual([2, [expect.stringContaining(`error: ${message}`), `next: ${usage}`, ""]]);
});

const aFault = (name: string, message: string, more = {}) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 }, ...more });
test.each([
  ["a refusal of ours", new ScriptError("it did not work", "Do this."), "error: it did not work\nnext: Do this.\n"],
  [
    "AccessDenied",
    aFault("AccessDeniedException", "User: ann is not authorized to perform: dynamodb:GetItem"),
    "error: AWS refused: User: ann is not authorized to perform: dynamodb:GetItem\nnext: docs/deploy.md lists the permissions that the commands need.\n",
  ],
  [
    "a name that DNS does not know",
    Object.assign(new Error("getaddrinfo ENOTFOUND dynamodb.eu-central-1.amazonaws.com"), { code: "ENOTFOUND" }),
    "error: no such host: getaddrinfo ENOTFOUND dynamodb.eu-central-1.amazonaws.com\nnext: Check the network, its DNS, and --endpoint-url or AWS_ENDPOINT_URL, then try again.\n",
  ],
  [
    "a defect",
    new TypeError("a bug"),
    "error: a bug\nnext: this is a Lifeboat bug: please report it with the command and the plan; LIFEBOAT_STACK=1 prints the stack trace\n",
  ],
])("%s is told in two lines, exit 1, without a stack", async (_, thrown, error) => {
  expect(await run(["--plan", "a.yml"], () => Promise.reject(thrown))).toEqual({ code: 1, out: "", error });
});

test("a plan that is none, or that check refuses, is bad input; what was deployed before is removed all the same", async () => {
  const missing = await run(["--plan", "none.yml"], async ({ texts }) => void planOf(texts.plan!));
  expect(missing).toEqual({
    code: 2,
    out: "",
    error: "error: none.yml: expected a plan file that can be read (got no such file)\nnext: Fix none.yml.\n",
  });
  const refused = "test/scenarios/plans/warm.yml";
  expect(() => planOf(refused)).toThrow("expected witnesses in two locations in every quorum");
  expect(planOf(refused, true).application).toBe("warm");
});
