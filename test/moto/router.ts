import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Context as LambdaContext } from "aws-lambda";

type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;
export type Seen = { name: string; error: string | null };

const answerSecondsMax = 60;
const invocation = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;

/**
 * Stands where moto's Step Functions looks for Lambda: an invocation runs the project's own handler, everything else is
 * passed on to moto.
 */
export const startRouter = async (port: number, motoPort: number, handlers: Record<string, Handler>) => {
  const seen: Seen[] = [];
  const server = createServer((incoming, answer) => {
    const name = decodeURIComponent(invocation.exec(incoming.url ?? "")?.[1] ?? "");
    if (name) void invoke(functionName(name), incoming, answer, handlers, seen);
    else passOn(incoming, answer, motoPort);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

/** `arn:aws:lambda:…:function:Copy` or `Copy` -> `Copy`. */
const functionName = (name: string) => name.split(":").at(-1)!;

const invoke = async (
  name: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  handlers: Record<string, Handler>,
  seen: Seen[],
) => {
  const reply = (body: unknown, headers: Record<string, string> = {}) => {
    answer.writeHead(200, { "content-type": "application/json", ...headers });
    answer.end(JSON.stringify(body ?? null));
  };
  try {
    const handler = handlers[name];
    if (!handler) throw new Error(`no handler for ${name}`);
    const result = await handler(JSON.parse(await textOf(incoming)), lambdaContext(name));
    seen.push({ name, error: null });
    reply(result);
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    seen.push({ name, error: `${errorType}: ${errorMessage}` });
    reply({ errorType, errorMessage }, { "X-Amz-Function-Error": "Unhandled" });
  }
};

const lambdaContext = (functionName: string) =>
  ({ functionName, getRemainingTimeInMillis: () => answerSecondsMax * 1_000 }) as unknown as LambdaContext;

const textOf = async (incoming: IncomingMessage) => {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
};

const passOn = (incoming: IncomingMessage, answer: ServerResponse, port: number) => {
  const { method, url, headers } = incoming;
  const onward = request({ host: "127.0.0.1", port, method, path: url, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  onward.setTimeout(answerSecondsMax * 1_000, () => onward.destroy());
  onward.on("error", () => {
    if (!answer.headersSent) answer.writeHead(502);
    answer.end();
  });
  incoming.pipe(onward);
};
