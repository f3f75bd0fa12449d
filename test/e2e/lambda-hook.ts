/**
 * Loaded into every function before its bundle (NODE_OPTIONS): nothing leaves the loopback interface. HTTP probes of other hosts and
 * questions to DNS go to outer-world.ts, and any other socket is refused.
 */
import dns from "node:dns/promises";
import { appendFileSync } from "node:fs";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

/** What functions print, as CloudWatch Logs would have it: whoever looks for the cause of a failed test finds it in one file. */
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = ((text: string | Uint8Array, ...rest: never[]) => {
  appendFileSync(
    process.env.E2E_FUNCTIONS_LOG!,
    `${process.env.AWS_LAMBDA_FUNCTION_NAME} ${process.env.AWS_REGION} ${text}`,
  );
  return write(text, ...rest);
}) as typeof write;

const port = Number(process.env.E2E_WORLD_PORT);
const isOwn = (host: unknown) => host === undefined || host === "127.0.0.1" || host === "localhost";

const request = http.request;
const elsewhere = (url: URL, options: http.RequestOptions, answered: (reply: http.IncomingMessage) => void) => {
  const host = options.hostname ?? url.hostname;
  if (isOwn(host)) return request(url, options, answered);
  const headers = { ...options.headers, "X-Asked-Host": host };
  return request(url, { ...options, hostname: "127.0.0.1", port, headers }, answered);
};
http.request = ((...[url, options, answered]: Parameters<typeof elsewhere>) =>
  url instanceof URL || typeof url === "string"
    ? elsewhere(new URL(url), options, answered)
    : request(url, options as never)) as typeof http.request;

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
  const [first] = given.flat() as { host?: string; path?: string }[];
  if (first && !first.path && !isOwn(first.host)) {
    setImmediate(() => this.destroy(Object.assign(new Error(`${first.host} is outside`), { code: "ENETUNREACH" })));
    return this;
  }
  return connect.apply(this, given as never);
} as typeof connect;

const ask = async (name: string, type: string): Promise<string[]> => {
  const answer = await fetch(`http://127.0.0.1:${port}/dns?name=${name}&type=${type}`);
  const { values, error } = (await answer.json()) as { values?: string[]; error?: string };
  if (values) return values;
  throw Object.assign(new Error(error), { code: error });
};
Object.assign(dns.Resolver.prototype, {
  setServers: () => undefined,
  resolve4: (name: string) => ask(name, "A"),
  resolve6: (name: string) => ask(name, "AAAA"),
  resolveCname: (name: string) => ask(name, "CNAME"),
  resolveNs: (name: string) => ask(name, "NS"),
  resolveTxt: async (name: string) => (await ask(name, "TXT")).map((text) => [text]),
});
syncBuiltinESMExports();
