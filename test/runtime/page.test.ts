import { describe, expect, it } from "vitest";
import { type PageRequest, page } from "../../functions/runtime/page.ts";
import { anOutside } from "../support/context.ts";

type Shown = { statusCode: number; headers: Record<string, string>; body: string };
const called = async (event: unknown, failure: Error | null = null) => {
  const seen: PageRequest[] = [];
  const outside = anOutside();
  const handler = page("hello", "<p>sorry</p>", async (request) => {
    seen.push(request);
    if (failure) throw failure;
    return { status: 418, html: "<p>tea</p>", headers: { allow: "GET" } };
  });
  const reply = (await handler.in(outside)(event, {} as never)) as Shown;
  return { reply, seen, logs: outside.told.logs };
};
const event = { rawPath: "/a", requestContext: { http: { method: "POST" } } };

describe("a page", () => {
  it("reads what Lambda hands over of a form, in base64 or not", async () => {
    for (const body of [
      { body: "by=ann+b&answer=approve" },
      { body: Buffer.from("by=ann+b&answer=approve").toString("base64"), isBase64Encoded: true },
    ]) {
      const { seen } = await called({ ...event, ...body });
      expect(seen[0]).toMatchObject({ method: "POST", path: "/a" });
      expect(Object.fromEntries(seen[0]!.form)).toEqual({ by: "ann b", answer: "approve" });
    }
    expect([...(await called(event)).seen[0]!.form]).toEqual([]);
  });
  it("reads no more of a form than a form has", async () => {
    const { seen } = await called({ ...event, body: `a=${"x".repeat(1_000_000)}` });
    expect(seen[0]!.form.get("a")).toHaveLength(4_094);
  });
  it("is kept, framed and fetched by nobody", async () => {
    const { reply } = await called(event);
    expect(reply).toMatchObject({
      statusCode: 418,
      body: "<p>tea</p>",
      headers: {
        allow: "GET",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "content-type": "text/html; charset=utf-8",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      },
    });
  });
  it.each([
    ["what fails", event, new Error("arn:secret")],
    ["a call of another shape", { rawPath: 7 }, null],
  ])("answers %s without detail, and logs it", async (_case, given, failure) => {
    const { reply, logs } = await called(given, failure);
    expect(reply).toMatchObject({ statusCode: 500, body: "<p>sorry</p>" });
    expect(logs).toEqual([expect.stringMatching(/^hello failed /)]);
  });
});
