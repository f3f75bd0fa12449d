import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNet } from "../../functions/runtime/net.ts";
import { aDnsServer, aHttpServer, wireName } from "../support/local-servers.ts";

const net = createNet();
const get = (url: string, connect: string | null = null, timeoutSeconds = 5) =>
  net.http({ url, connect, timeoutSeconds });

describe("http", () => {
  it("gives status and body, and follows no redirect", async () => {
    const port = await aHttpServer((_, response) => response.writeHead(302, { Location: "/other" }).end("moved"));

    expect(await get(`http://127.0.0.1:${port}/`)).toEqual({ status: 302, body: "moved" });
  });

  it.each(["127.0.0.1", "localhost"])(
    "connects to %s in place of the URL's host, which stays in the request",
    async (connect) => {
      const port = await aHttpServer(({ headers, url }, response) => response.end(`${headers.host} ${url}`));

      expect(await get(`http://shop.example.com:${port}/healthz?deep=1`, connect)).toEqual({
        status: 200,
        body: `shop.example.com:${port} /healthz?deep=1`,
      });
    },
  );

  it("connects elsewhere even when the URL's host is an address", async () => {
    const port = await aHttpServer((_, response) => response.end("ok"));

    expect(await get(`http://192.0.2.1:${port}/`, "127.0.0.1")).toEqual({ status: 200, body: "ok" });
  });

  it("keeps the URL's host as the TLS name", async () => {
    const names: string[] = [];
    const server = createTlsServer({
      SNICallback: (name, done) => {
        names.push(name);
        done(new Error("no certificate here"));
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;

    expect(await get(`https://shop.example.com:${port}/`, "127.0.0.1")).toEqual({ error: expect.any(String) });
    expect(names).toEqual(["shop.example.com"]);
  });

  it("reads no more of a body than it keeps", async () => {
    const port = await aHttpServer((_, response) => {
      response.write("x".repeat(200_000));
    });

    const answer = await get(`http://127.0.0.1:${port}/`);

    expect(answer).toMatchObject({ status: 200 });
    expect("body" in answer && answer.body.length).toBe(65_536);
  });

  it("ends within its time when no answer comes", async () => {
    const port = await aHttpServer(() => {});

    expect(await get(`http://127.0.0.1:${port}/`, null, 0.1)).toEqual({ error: "ETIMEDOUT" });
  });

  it("does not take half an answer for one", async () => {
    const port = await aHttpServer((_, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write("half", () => response.destroy());
    });

    expect(await get(`http://127.0.0.1:${port}/`)).toEqual({ error: "ECONNRESET" });
  });

  it("gives the code of a refused connection", async () => {
    const port = await aHttpServer(() => {});
    const free = port === 65_535 ? port - 1 : port + 1;

    expect(await get(`http://127.0.0.1:${free}/`)).toMatchObject({ error: expect.stringMatching(/^E/) });
  });
});

describe("resolve", () => {
  const resolve = (server: string, name: string, type: "A" | "AAAA" | "CNAME" | "NS" | "TXT", timeoutSeconds = 2) =>
    net.resolve({ name, type, server, timeoutSeconds });

  it("asks the server that it is told, for every type, and sorts the values", async () => {
    const server = await aDnsServer({
      "A shop.example.com": [Buffer.from([198, 51, 100, 11]), Buffer.from([198, 51, 100, 10])],
      "AAAA shop.example.com": [Buffer.from("20010db8000000000000000000000001", "hex")],
      "NS example.com": [wireName("ns2.example.net"), wireName("ns1.example.net")],
      "CNAME www.example.com": [wireName("shop.example.com")],
      "TXT _lifeboat.example.com": [Buffer.from([7, ...Buffer.from("healthy")])],
    });

    expect(await resolve(server, "shop.example.com", "A")).toEqual({ values: ["198.51.100.10", "198.51.100.11"] });
    expect(await resolve(server, "shop.example.com", "AAAA")).toEqual({ values: ["2001:db8::1"] });
    expect(await resolve(server, "example.com", "NS")).toEqual({ values: ["ns1.example.net", "ns2.example.net"] });
    expect(await resolve(server, "www.example.com", "CNAME")).toEqual({ values: ["shop.example.com"] });
    expect(await resolve(server, "_lifeboat.example.com", "TXT")).toEqual({ values: ["healthy"] });
  });

  it("gives the resolver's code for a name that does not exist", async () => {
    expect(await resolve(await aDnsServer({}), "gone.example.com", "A")).toEqual({ error: "ENOTFOUND" });
  });

  it("ends within its time when the server is silent", async () => {
    const server = await aDnsServer(null);
    const startedAt = performance.now();

    expect(await resolve(server, "shop.example.com", "A", 0.3)).toMatchObject({
      error: expect.stringMatching(/ETIMEOUT|ECANCELLED/),
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it("gives a code for a server that is no address", async () => {
    expect(await resolve("not an address", "shop.example.com", "A")).toEqual({ error: "ERR_INVALID_IP_ADDRESS" });
  });
});
