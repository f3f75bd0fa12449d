import { Resolver } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { DnsAnswer, HttpAnswer, Net, RecordType } from "./context.ts";

const bodyBytesMax = 65_536;

/** Probes over real sockets. Each ends within its time; what went wrong is a value. */
export const createNet = (): Net => ({
  http: ({ url, connect, timeoutSeconds }) =>
    new Promise<HttpAnswer>((resolve) => {
      const request = url.startsWith("https:") ? httpsRequest : httpRequest;
      const lookup = connect && { lookup: toAddress(connect) };
      const sent = request(url, { ...lookup, agent: false }, (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (text: string) => {
          body += text;
          if (body.length > bodyBytesMax) answer.destroy();
        });
        answer.on("close", () => done({ status: answer.statusCode ?? 0, body: body.slice(0, bodyBytesMax) }));
      });
      const timer = setTimeout(() => done({ error: "ETIMEDOUT" }), timeoutSeconds * 1_000);
      const done = (answer: HttpAnswer) => {
        clearTimeout(timer);
        resolve(answer);
        sent.destroy();
      };
      sent.on("error", (error: NodeJS.ErrnoException) => done({ error: error.code ?? error.message }));
      sent.end();
    }),

  async resolve({ name, type, server, timeoutSeconds }) {
    const resolver = new Resolver({ timeout: timeoutSeconds * 1_000, tries: 1 });
    if (server) resolver.setServers([isIP(server) === 6 ? `[${server}]` : server]);
    try {
      return { values: await valuesOf(resolver, name, type) } satisfies DnsAnswer;
    } catch (error) {
      return { error: (error as NodeJS.ErrnoException).code ?? "EUNKNOWN" };
    }
  },
});

const valuesOf = async (resolver: Resolver, name: string, type: RecordType): Promise<string[]> => {
  const values = {
    A: () => resolver.resolve4(name),
    AAAA: () => resolver.resolve6(name),
    CNAME: () => resolver.resolveCname(name),
    NS: () => resolver.resolveNs(name),
    TXT: async () => (await resolver.resolveTxt(name)).map((parts) => parts.join("")),
  };
  return (await values[type]()).sort();
};

type Lookup = NonNullable<Parameters<typeof httpRequest>[0] & object> extends { lookup?: infer L } ? L : never;

/** A `lookup` that always answers with one address; `connect` may also be a host name, which is then looked up as usual. */
const toAddress = (address: string): Lookup => {
  const family = isIP(address);
  const answer = (
    _host: string,
    options: { all?: boolean },
    callback: (error: Error | null, found: unknown, family?: number) => void,
  ) => (options.all ? callback(null, [{ address, family }]) : callback(null, address, family));
  return answer as unknown as Lookup;
};
