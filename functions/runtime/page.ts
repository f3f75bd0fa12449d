import * as z from "zod/mini";
import type { Context } from "./context.ts";
import { handlerOf, type StepHandler } from "./step.ts";

/** What a browser asks of a function URL. */
export type PageRequest = { method: string; path: string; form: URLSearchParams };
export type PageReply = { status: number; html: string; headers?: Record<string, string> };

/** Lambda's own shape of a call, payload format 2.0. [Lambda:urls-invocation] */
const Call = z.object({
  rawPath: z.string(),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
});

/** Nothing is kept, framed, fetched or handed on: the address itself is the secret. */
const guarded = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex",
};

/**
 * Wraps what answers a function URL. Whatever fails is a page without detail, and a line of the log; `failed` is what that
 * page says.
 */
export const page = (
  name: string,
  failed: string,
  respond: (request: PageRequest, context: Context) => Promise<PageReply>,
): StepHandler =>
  handlerOf(name, async (event, context) => {
    try {
      return reply(await respond(read(event), context));
    } catch (error) {
      const { name: code, message } = error as Error;
      context.log.error(`${name} failed`, { code, because: message });
      return reply({ status: 500, html: failed });
    }
  });

const read = (event: unknown): PageRequest => {
  const { rawPath, body = "", isBase64Encoded, requestContext } = Call.parse(event);
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  return { method: requestContext.http.method, path: rawPath, form: new URLSearchParams(text.slice(0, formLengthMax)) };
};
const formLengthMax = 4_096;

const reply = ({ status, html, headers }: PageReply) => ({
  statusCode: status,
  headers: { ...guarded, ...headers },
  body: html,
});
