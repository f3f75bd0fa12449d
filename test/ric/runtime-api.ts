import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";

export type Outcome = { value: unknown } | { errorType: string; errorMessage: string };

/**
 * Lambda's Runtime API for one container and one invocation: gives the event to the first who asks for the next one, and takes the
 * answer. [Lambda:runtimes-api]
 */
export const startRuntimeApi = async (event: unknown) => {
  let answered: (outcome: Outcome) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    answered = resolve;
  });
  const give = (reply: ServerResponse) => {
    // the client reads each of these, and dies without one
    reply.setHeader("Content-Type", "application/json");
    reply.setHeader(
      "Lambda-Runtime-Trace-Id",
      "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
    );
    reply.setHeader("Lambda-Runtime-Aws-Request-Id", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    reply.setHeader("Lambda-Runtime-Deadline-Ms", String(Date.now() + 30_000));
    reply.setHeader(
      "Lambda-Runtime-Invoked-Function-Arn",
      "arn:aws:lambda:eu-central-1:111122223333:function:lifeboat",
    );
    reply.end(JSON.stringify(event));
  };
  let isGiven = false;
  const server = createServer((asked, reply) => {
    if (asked.url?.endsWith("/invocation/next")) {
      if (!isGiven) give(reply);
      // whoever asks once more is frozen: there is no second event
      isGiven = true;
      return;
    }
    let body = "";
    asked.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    asked.on("end", () => {
      reply.writeHead(202).end();
      const told = body === "" ? null : JSON.parse(body);
      // both /invocation/<id>/error and /init/error
      if (!asked.url?.endsWith("/error")) return answered({ value: told });
      answered({ errorType: told?.errorType ?? "none", errorMessage: told?.errorMessage ?? "" });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    outcome,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
};
