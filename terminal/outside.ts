import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import type { Clients, Watch } from "../functions/aws/calls/clients.ts";
import { tableName } from "../functions/core/deployed-names.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { type Context, createContext } from "../functions/runtime/context.ts";
import { createNet } from "../functions/runtime/net.ts";
import { credentialLogger } from "./credentials.ts";
import { endpointOf } from "./endpoint.ts";
import { waitingForAnswer, watchCalls } from "./waiting.ts";

/** What a command has of the outside; tests give another one. */
export type Outside = {
  /** The container of a person: their credentials, the recovery Region of the plan. */
  contextOf(plan: Pick<Plan, "regions">, given: { endpointUrl?: string | undefined; watches?: Watch[] }): Context;
  accountOf(clients: Clients, region: string): Promise<string>;
  /** Asks on a terminal; null when there is none. */
  ask(question: string): Promise<string | null>;
  wait(milliseconds: number): Promise<void>;
  /** From now on Ctrl-C tells this before it ends the command; gives what ends that. */
  onInterrupt(report: () => void): () => void;
  /** Name of whoever sits there, as the system knows it. */
  user(): string;
};

const nothing = () => {};

/** What every client has that works for a person. Throws UsageError for an AWS_ENDPOINT_URL that is none. */
export const personsClients = () => {
  const { AWS_ENDPOINT_URL } = process.env;
  if (AWS_ENDPOINT_URL) endpointOf(AWS_ENDPOINT_URL, "AWS_ENDPOINT_URL");
  return { logger: credentialLogger };
};

export const outside: Outside = {
  contextOf: ({ regions }, { endpointUrl, watches = [] }) =>
    createContext({
      settings: {
        region: homeOf({ regions }),
        home: homeOf({ regions }),
        table: tableName,
        userDataTable: "",
        bucket: "",
        failoverMachine: "",
        answerMachine: "",
        replicateMachine: "",
        detectFunction: "",
        schedulerRole: "",
      },
      watches: [...watches, watchCalls],
      clientDefaults: { ...personsClients(), ...(endpointUrl && { endpoint: endpointUrl }) },
      net: createNet(),
      log: { info: nothing, warn: nothing, error: nothing },
      metrics: { add: nothing },
      now: () => new Date(),
    }),
  async accountOf(clients, region) {
    const { accountOf } = await import("./account.ts");
    return accountOf(clients, region);
  },
  async ask(question) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    prompt.once("SIGINT", () => {
      process.stdout.write("\n");
      process.exit(130);
    });
    // Ctrl-D answers with nothing
    const closed = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
    try {
      return await waitingForAnswer(() => Promise.race([prompt.question(question), closed]));
    } finally {
      prompt.close();
    }
  },
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  onInterrupt(report) {
    const leave = (signal: NodeJS.Signals) => {
      report();
      process.exit(signal === "SIGINT" ? 130 : 143);
    };
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.once(signal, leave);
    return () => {
      for (const signal of signals) process.off(signal, leave);
    };
  },
  user() {
    try {
      return userInfo().username;
    } catch {
      return "somebody";
    }
  },
};
