import { once } from "node:events";
import { createServer } from "node:http";

export type OuterWorld = {
  /** Hosts and addresses that answer nothing. */
  down: Set<string>;
  /** Answers of every name server and resolver: `name type` -> values. */
  names: Map<string, string[]>;
  stop(): Promise<void>;
};

/**
 * What is not AWS: the pages of old and new servers, and DNS. lambda-hook.ts sends here whatever a function asks of a host that is
 * not on the loopback interface: its name stands in the header X-Asked-Host, and questions to DNS come to /dns.
 */
export const startOuterWorld = async (port: number): Promise<OuterWorld> => {
  const down = new Set<string>();
  const names = new Map<string, string[]>();
  const server = createServer((asked, reply) => {
    const { pathname, searchParams } = new URL(asked.url ?? "/", "http://world");
    const host = String(asked.headers["x-asked-host"] ?? "");
    if (host !== "") return down.has(host) ? void asked.socket.destroy() : void reply.end("ok");
    const values = names.get(`${searchParams.get("name")} ${searchParams.get("type")}`);
    reply.end(JSON.stringify(pathname === "/dns" && values ? { values } : { error: "ENOTFOUND" }));
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    down,
    names,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
