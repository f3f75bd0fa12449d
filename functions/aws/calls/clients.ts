import { StandardRetryStrategy } from "@smithy/core/retry";
import { limits } from "../../core/limits.ts";

/**
 * The seam to AWS. Every client of Lifeboat is made here, and everything that watches or replaces AWS (call journal,
 * dry run, simulator) is a `Watch`: a middleware below the SDK's own retries, so that real retries run above it.
 */
export type Call = {
  /** SDK service id, as in "EC2", "Route 53", "DynamoDB". */
  service: string;
  operation: string;
  region: string;
  /** Typed input of the command. */
  input: Record<string, unknown>;
  /** Serialized request: an idempotency token that the SDK fills in is only here. */
  request: { body?: unknown; headers: Record<string, string> };
  /** A dry run of EC2 changes nothing, whatever it is of. */
  mutating: boolean;
  patience: Patience;
  /** Aborted when the time limit of the attempt has passed. */
  signal: AbortSignal;
};
export type Reply = { output: { $metadata?: unknown }; response: unknown };
export type Watch = (call: Call, next: () => Promise<Reply>) => Promise<Reply>;

/**
 * How a call is tried:
 * - `standard`: up to 4 attempts; for reads, and for writes that are repeatable or carry a client token;
 * - `once`: repeated only after a definite rejection (throttle): for CreateSnapshots, CopySnapshot, RegisterImage, which
 *   have no token (invariant 5);
 * - `single`: one attempt: for RunInstances, whose caller paces and repeats it;
 * - `optional`: one attempt of 3 s: for calls to the source and to control planes on the recovery path (invariant 3).
 */
export type Patience = "standard" | "once" | "single" | "optional";

// biome-ignore lint/suspicious/noExplicitAny: the constructors of the SDK's clients share no narrower type
type ClientClass<C> = new (options: any) => C;
/** `endpoint`: only for what has one of its own (an ARC cluster has five); `region` is the Region of that endpoint. */
export type Clients = <C>(Client: ClientClass<C>, region: string, patience?: Patience, endpoint?: string) => C;

export const isMutating = (operation: string) => !/^(Describe|Get|List|Head|Query|Scan|BatchGet)/.test(operation);

class ThrottlesOnly extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    ...[token, info]: Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>
  ) {
    if (info.errorType !== "THROTTLING") throw new Error("No retry token available");
    return super.refreshRetryTokenForRetry(token, info);
  }
}

/** How often the SDK tries a call itself. */
export const retriesOf = (patience: Patience) => ({
  maxAttempts: patience === "optional" || patience === "single" ? 1 : attemptsMax,
  ...(patience === "once" && { retryStrategy: new ThrottlesOnly(attemptsMax) }),
});
const attemptsMax = 4;

/** One container's clients, made when first asked for. `defaults` go to every client (endpoint, credentials). */
export const createClients = (watches: Watch[] = [], defaults: Record<string, unknown> = {}): Clients => {
  const made = new Map<string, unknown>();
  return (Client, region, patience = "standard", endpoint = "") => {
    const key = `${Client.name} ${region} ${patience} ${endpoint}`;
    const known = made.get(key);
    if (known) return known as InstanceType<typeof Client>;

    const client = new Client({
      region,
      ...retriesOf(patience),
      logger: silent,
      requestHandler: { connectionTimeout: 2_000, requestTimeout: limits.callSeconds * 1_000 },
      ...(endpoint && { endpoint }),
      ...defaults,
    });
    install(client as unknown as Watchable, region, patience, watches);
    made.set(key, client);
    return client;
  };
};

type Watchable = {
  config: { serviceId: string };
  middlewareStack: { addRelativeTo(middleware: unknown, options: unknown): void };
};

/** The SDK's own default logger is silent too, but has every shape filtered for its `info` first. */
const nothing = () => {};
const silent = { trace: nothing, debug: nothing, warn: nothing, error: nothing };

const install = (client: Watchable, region: string, patience: Patience, watches: Watch[]) => {
  const middleware = watchedBy(watches, client.config.serviceId, region, patience);
  const options = { relation: "after", toMiddleware: "retryMiddleware", name: "lifeboatWatch", override: true };
  client.middlewareStack.addRelativeTo(middleware, options);
};

/** The middleware that shows each attempt to the watches, and ends it when its time is over. */
export const watchedBy =
  (watches: Watch[], service: string, region: string, patience: Patience) =>
  (next: (args: Handled) => Promise<Reply>, context: { commandName: string }) =>
  (args: Handled) => {
    const abort = new AbortController();
    const call: Call = {
      service,
      operation: context.commandName.replace(/Command$/, ""),
      region,
      input: args.input,
      request: args.request,
      mutating: isMutating(context.commandName) && args.input.DryRun !== true,
      patience,
      signal: abort.signal,
    };
    const chain = watches.reduceRight<() => Promise<Reply>>(
      (inner, watch) => () => watch(call, inner),
      () => next(args),
    );
    return within(patience === "optional" ? limits.optionalCallSeconds : limits.callSeconds, call, abort, chain);
  };
type Handled = { input: Record<string, unknown>; request: Call["request"] };

/** Ends an attempt that gets no answer, as a black-holed Region gives none. The timer can be faked, AbortSignal.timeout not. */
const within = async (seconds: number, call: Call, abort: AbortController, chain: () => Promise<Reply>) => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${call.service} ${call.operation} in ${call.region}: no answer within ${seconds} s`;
      reject(Object.assign(new Error(message), { name: "TimeoutError" }));
      abort.abort();
    }, seconds * 1_000);
  });
  try {
    return await Promise.race([chain(), late]);
  } finally {
    clearTimeout(timer);
  }
};
