import type { IncomingMessage } from "node:http";
import { aHttpServer } from "./local-servers.ts";

type Handler = (event: unknown, lambda: never) => Promise<unknown>;
type Reply = { statusCode: number; headers: Record<string, string>; body: string };

/** Serves a handler on loopback until the test ends, as a function URL does, payload format 2.0. [Lambda:urls-invocation] */
export const aFunctionUrl = async (handler: Handler): Promise<string> => {
  const port = await aHttpServer(async (request, response) => {
    const { statusCode, headers, body } = (await handler(await eventOf(request), {} as never)) as Reply;
    response.writeHead(statusCode, headers).end(body);
  });
  return `http://127.0.0.1:${port}/`;
};

const eventOf = async (request: IncomingMessage) => {
  const { method = "", url = "", headers } = request;
  const [rawPath, rawQueryString = ""] = url.split("?");
  const { cookie, ...others } = headers;
  const bytes = Buffer.concat(await request.toArray());
  // a form is no text to Lambda: it comes in base64
  const isBase64Encoded = bytes.length > 0 && !/^(text\/|application\/json)/.test(headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: others,
    ...(cookie && { cookies: cookie.split("; ") }),
    ...(rawQueryString && { queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)) }),
    requestContext: { http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1" } },
    ...(bytes.length && { body: bytes.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
};

/** The form of a page as a browser reads it: where it goes, its fields as they stand, and its buttons. */
export const formOf = (html: string) => {
  const [, opening, inside] = /<form([^>]*)>(.*?)<\/form>/s.exec(html) ?? [];
  if (opening === undefined || inside === undefined) return null;
  const tags = (tag: string) => [...inside.matchAll(new RegExp(`<${tag}\\b([^>]*)>`, "g"))].map(([, text]) => text!);
  const read = (text: string) => ({ name: attribute(text, "name") ?? "", value: attribute(text, "value") ?? "" });
  return {
    method: attribute(opening, "method"),
    action: attribute(opening, "action"),
    fields: tags("input").map((text): [string, string] => [read(text).name, read(text).value]),
    buttons: tags("button").map((text) => ({ ...read(text), disabled: / disabled\b/.test(text) })),
  };
};

const attribute = (tag: string, name: string) => {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : plain(value);
};

const letters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const plain = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => letters[name]!);
