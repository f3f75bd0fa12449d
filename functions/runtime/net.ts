import { Resolver } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, connect as openSocket } from "node:net";
import type { DnsAnswer, HttpAnswer, Net, RecordType } from "./context.ts";

const bodyCharactersMax = 65_536;

/** Probes over real sockets. Each ends within its time; what went wrong is a value. */
export const createNet = (): Net => ({
  http: ({ url, connect, timeoutSeconds, anyCertificate = false }) => get(url, connect, timeoutSeconds, anyCertificate),

  tcp: ({ host, port, timeoutSeconds }) =>
    new Promise((resolve) => {
      const socket = openSocket({ host, port });
      const timer = setTimeout(() => done({ error: "ETIMEDOUT" }), timeoutSeconds * 1_000);
      const done = (answer: { open: true } | { error: string }) => {
        clearTimeout(timer);
        resolve(answer);
        socket.destroy();
      };
      socket.on("connect", () => done({ open: true }));
      socket.on("error", (error) => done({ error: codeOf(error) }));
    }),

  async resolve({ name, type, server, timeoutSeconds }) {
    const resolver = new Resolver({ timeout: timeoutSeconds * 1_000, tries: 1 });
    const timer = setTimeout(() => resolver.cancel(), timeoutSeconds * 1_000);
    try {
      if (server) resolver.setServers([server]);
      return { values: await valuesOf(resolver, name, type) } satisfies DnsAnswer;
    } catch (error) {
      return { error: codeOf(error) };
    } finally {
      clearTimeout(timer);
    }
  },
});

/** `connect`, an address or a host name, takes the place of the URL's host for the connection only. */
const get = (url: string, connect: string | null, timeoutSeconds: number, anyCertificate: boolean) =>
  new Promise<HttpAnswer>((resolve) => {
    const { protocol, host, hostname } = new URL(url);
    const secure = protocol === "https:";
    const elsewhere = connect && {
      hostname: connect,
      headers: { Host: host },
      ...(secure && !isIP(hostname) && { servername: hostname }),
    };
    const unchecked = anyCertificate && { rejectUnauthorized: false };
    const sent = (secure ? httpsRequest : httpRequest)(url, { ...elsewhere, ...unchecked, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        body += text;
        if (body.length > bodyCharactersMax)
          done({ status: answer.statusCode ?? 0, body: body.slice(0, bodyCharactersMax) });
      });
      answer.on("close", () =>
        done(answer.complete ? { status: answer.statusCode ?? 0, body } : { error: "ECONNRESET" }),
      );
    });
    const timer = setTimeout(() => done({ error: "ETIMEDOUT" }), timeoutSeconds * 1_000);
    const done = (answer: HttpAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      sent.destroy();
    };
    sent.on("error", (error) => done({ error: codeOf(error) }));
    sent.end();
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

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? (error as Error).message;
