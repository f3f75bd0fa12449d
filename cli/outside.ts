import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import type { Clients, Watch } from "../functions/aws/clients.ts";
import { codeOf } from "../functions/aws/errors.ts";
import { deployIt } from "../functions/core/command-line.ts";
import { LifeboatError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/plan.ts";
import { type Context, createContext } from "../functions/runtime/context.ts";
import { createNet } from "../functions/runtime/net.ts";
import { tableName } from "../infra/names.ts";

/** What a command has of the outside; tests give another one. */
export type Outside = {
  /** The container of a person: their credentials, the recovery Region of the plan. */
  contextOf(plan: Pick<Plan, "regions">, given: { endpointUrl?: string | undefined; watches?: Watch[] }): Context;
  accountOf(clients: Clients, region: string): Promise<string>;
  /** Asks on a terminal; null when there is none. */
  ask(question: string): Promise<string | null>;
  wait(milliseconds: number): Promise<void>;
  /** Name of whoever sits there, as the system knows it. */
  user(): string;
};

const nothing = () => {};

export const outside: Outside = {
  contextOf: ({ regions }, { endpointUrl, watches = [] }) =>
    createContext({
      settings: {
        ...{ region: regions.recovery, home: regions.recovery, table: tableName, userDataTable: "", bucket: "" },
        ...{ failoverMachine: "", replicateMachine: "", detectFunction: "", schedulerRole: "" },
      },
      watches,
      clientDefaults: endpointUrl ? { endpoint: endpointUrl } : {},
      net: createNet(),
      log: { info: nothing, warn: nothing, error: nothing },
      metrics: { add: nothing },
      now: () => new Date(),
    }),
  async accountOf(clients, region) {
    const { accountOf } = await import("../infra/account.ts");
    return accountOf(clients, region);
  },
  async ask(question) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await prompt.question(question);
    } finally {
      prompt.close();
    }
  },
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  user() {
    try {
      return userInfo().username;
    } catch {
      return "somebody";
    }
  },
};

/** What an error is told about. */
export type Named = Pick<Plan, "application" | "regions">;

/** What AWS, or the way to it, said: as an error with a hint. Our own errors and defects stay as they are. */
export const told = (error: unknown, { application, regions }: Named): unknown => {
  if (!(error instanceof Error) || error instanceof LifeboatError) return error;
  const code = codeOf(error);
  const say = (message: string, hint: string) => new LifeboatError(message, hint, { cause: error });
  if (notThere.has(code))
    return say(`${application} is not deployed in ${regions.recovery}`, `Deploy it first: ${deployIt}.`);
  if (/credentials|expiredtoken|invalidclienttokenid|unrecognizedclient|authfailure/i.test(code))
    return say(
      "no AWS credentials that work",
      "Log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    );
  if (/accessdenied|unauthorized|notauthorized/i.test(code))
    return say(`AWS refused: ${error.message}`, "docs/deploy.md lists what the commands need.");
  const { $metadata, code: socket } = error as { $metadata?: unknown; code?: string };
  if (code === "TimeoutError" || /^(E[A-Z]|UND_)/.test(socket ?? ""))
    return say(
      `AWS did not answer: ${error.message || socket}`,
      "Check the network and --endpoint-url, then try again.",
    );
  return $metadata ? say(`AWS refused: ${code}: ${error.message}`, "Mend what AWS names, then try again.") : error;
};

const notThere = new Set(["ResourceNotFoundException", "StateMachineDoesNotExist"]);
