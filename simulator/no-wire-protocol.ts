import { retryMiddleware, StandardRetryStrategy } from "@smithy/core/retry";
import { type Clients, type Reply, retriesOf, type Watch, watchedBy } from "../functions/aws/calls/clients.ts";

/**
 * Clients of a story: the SDK's own retries above the watches, and nothing else of its middleware. No endpoint is
 * resolved, no request is written and signed, which is a third of what a simulated call costs: the simulator answers typed
 * inputs, and never looks at what they are written as.
 */
export const noWireProtocol = (watches: Watch[]): Clients => {
  const made = new Map<string, unknown>();
  return (Client, region, patience = "standard", endpoint = "") => {
    const key = `${Client.name} ${region} ${patience} ${endpoint}`;
    const known = made.get(key);
    if (known) return known as InstanceType<typeof Client>;

    const { maxAttempts, retryStrategy = new StandardRetryStrategy(maxAttempts) } = retriesOf(patience);
    const retries = retryMiddleware({
      maxAttempts: async () => maxAttempts,
      retryStrategy: async () => retryStrategy,
    } as Parameters<typeof retryMiddleware>[0]);
    const watched = watchedBy(watches, serviceIdOf(Client), region, patience);
    const client = {
      async send(command: { constructor: { name: string }; input: Record<string, unknown> }) {
        const context = { commandName: command.constructor.name };
        const handle = retries<{ $metadata: object }>(watched(unanswered, context) as never, context as never);
        return (await handle({ input: command.input, request: { headers: {} } })).output;
      },
    };
    made.set(key, client);
    return client as InstanceType<typeof Client>;
  };
};

const unanswered = (): Promise<Reply> => Promise.reject(new Error("a simulated call that nobody answers"));

/** As the SDK names it; read once per class, since a client is dear to make. */
// biome-ignore lint/suspicious/noExplicitAny: the constructors of the SDK's clients share no narrower type
const serviceIdOf = (Client: new (options: any) => any): string => {
  const known = serviceIds.get(Client);
  if (known) return known;
  const id: string = new Client({ region: "us-east-1" }).config.serviceId;
  serviceIds.set(Client, id);
  return id;
};
const serviceIds = new Map<unknown, string>();
