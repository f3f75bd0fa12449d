import { describe, expect, it } from "vitest";
import { answer } from "../../functions/answer.ts";
import { approvalPage } from "../../functions/approval-page.ts";
import { ask } from "../../functions/ask.ts";
import type { Approval } from "../../functions/core/model/run.ts";
import { page } from "../../functions/runtime/page.ts";
import { anApprovalScene, canary } from "../support/approval-scene.ts";
import { aRun } from "../support/builders.ts";
import { anOutside } from "../support/context.ts";
import { aFunctionUrl, formOf } from "../support/function-url.ts";

/** A run that asks, its page behind an address, and the link as the message has it. */
const aBrowser = async (over: { because?: string } = {}) => {
  const scene = await anApprovalScene({ approvalUrl: "https://page.example/" });
  await ask(scene.asking(), scene.context);
  if (over.because) await scene.context.table.update({ pk: "shop", sk: "question" }, { set: over });
  scene.clock.at = "2026-03-02T12:05:00.000Z";
  const base = await aFunctionUrl(
    page("approval-page", "<p>sorry</p>", (request) => approvalPage(request, scene.context)).in(anOutside()),
  );
  const [, path] = /Web page: https:\/\/page\.example\/(\S+)/.exec(scene.messages[0]!.Message)!;
  const link = base + path;
  const open = async (method = "GET", at = link, headers: Record<string, string> = {}) => {
    const response = await fetch(at, { method, headers, redirect: "error" });
    return { status: response.status, headers: response.headers, html: await response.text() };
  };
  /** Opens the page, types into the form that came, and presses a button of it. */
  const submit = async (typed: Record<string, string>, button = "approve", html?: string) => {
    const form = formOf(html ?? (await open()).html)!;
    const fields = form.fields.map(([name, value]) => [name, typed[name] ?? value]);
    const pressed = form.buttons.filter(({ value }) => value === button).map(({ name, value }) => [name, value]);
    return send(new URLSearchParams([...fields, ...pressed] as [string, string][]), form.action ?? link);
  };
  const send = async (body: string | Uint8Array<ArrayBuffer> | URLSearchParams, at = link) => {
    const response = await fetch(at, { method: "POST", body, redirect: "error", headers: { origin: "null" } });
    return { status: response.status, headers: response.headers, html: await response.text() };
  };
  /** What Step Functions would do with the executions that the page started: nth of them answers. */
  const play = (nth: number) => {
    const { name, input } = scene.started[nth]!;
    return answer({ run: aRun({ id: `arn:${name}`, name, answer: input.answer as Approval }) }, scene.context);
  };
  const question = () => scene.context.store.question("shop");
  return { ...scene, base, link, open, submit, send, play, question };
};

const typed = { application: "shop", by: "Ann O'Hara & <co>" };

describe("the approval page in a browser", () => {
  it("the approval page shows a form that goes back to where it came from, with nothing filled in", async () => {
    const { open } = await aBrowser();
    const { status, html } = await open();
    expect(status).toBe(200);
    expect(formOf(html)).toEqual({
      method: "post",
      action: null,
      fields: [
        ["application", ""],
        ["by", ""],
      ],
      buttons: expect.arrayContaining([
        { name: "answer", value: "approve", disabled: false },
        { name: "answer", value: "withhold", disabled: false },
      ]),
    });
    expect(html).not.toMatch(/<script|\shref=|\ssrc=|\sstyle=/);
  });
  it("the approval page gives no answer by the enter key, which presses the first button of a form", async () => {
    const { open } = await aBrowser();
    expect(formOf((await open()).html)?.buttons[0]).toEqual({ name: "", value: "", disabled: true });
  });

  it.each([
    ["a scanner", "GET", {}],
    ["a look ahead", "GET", { "sec-purpose": "prefetch;prerender", purpose: "prefetch" }],
    ["a browser with cookies", "GET", { cookie: "answer=approve; application=shop; by=ann" }],
    ["a HEAD", "HEAD", {}],
    ["an OPTIONS", "OPTIONS", {}],
  ])("the approval page changes nothing for %s, however often", async (_case, method, headers) => {
    const { open, link, question, started, calls } = await aBrowser();
    const before = [await question(), calls.length];
    for (let times = 0; times < 5; times++) {
      await open(method, link, headers);
      await open(method, `${link}?application=shop&by=ann&answer=approve`, headers);
    }
    expect([await question(), calls.length]).toEqual(before);
    expect(started).toEqual([]);
  });

  it.each([
    ["approve", "Approved", true],
    ["withhold", "Rejected", false],
  ])("the approval page gives the answer of the button: %s", async (button, title, approved) => {
    const { submit, play, open, started, question, waiting } = await aBrowser();
    const { status, html } = await submit(typed, button);
    expect([status, html]).toEqual([202, expect.stringContaining(`<h1>${title}</h1>`)]);
    expect(started.map(({ input }) => input)).toEqual([
      { application: "shop", answer: { run: "run-1", approved, by: typed.by } },
    ]);
    await play(0);
    expect([...waiting]).toEqual([]);
    expect((await question())?.answer).toMatchObject({ approved, by: typed.by });
    expect(await open()).toMatchObject({ status: 410 });
  });

  it.each([
    ["another name", { ...typed, application: "Shop" }, "approve"],
    ["an empty name", { by: "ann" }, "approve"],
    ["nobody", { application: "shop", by: " \t" }, "approve"],
    ["a browser that sends no button", typed, "none"],
  ])("the approval page asks again with %s, and keeps what was typed of the person", async (_case, given, button) => {
    const { submit, started } = await aBrowser();
    const { status, html } = await submit(given, button);
    expect([status, html]).toEqual([400, expect.stringContaining("Nothing was changed")]);
    expect(formOf(html)?.fields).toEqual([
      ["application", ""],
      ["by", given.by.trim()],
    ]);
    expect(started).toEqual([]);
    expect(await submit(typed, "approve", html)).toMatchObject({ status: 202 });
  });
  it.each([
    ["nothing at all", ""],
    ["no field", "x=1"],
    ["JSON", JSON.stringify({ application: "shop", by: "ann", answer: "approve" })],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00, 0x25, 0x25])],
    ["a form longer than any", new URLSearchParams({ x: "y".repeat(100_000), ...typed, answer: "approve" })],
    ["both buttons, the first of no meaning", "application=shop&by=ann&answer=&answer=approve"],
  ])("the approval page does nothing with a body of %s", async (_case, body) => {
    const { send, started } = await aBrowser();
    expect(await send(body)).toMatchObject({ status: 400 });
    expect(started).toEqual([]);
  });

  it("the approval page tells nothing at any altered link", async () => {
    const { link, base, open, send, started } = await aBrowser();
    const last = link.endsWith("0") ? "1" : "0";
    const altered = [
      base,
      `${base}favicon.ico`,
      link.slice(0, -1),
      link.slice(0, -1) + last,
      link.toUpperCase().replace("HTTP", "http"),
      link.replace("/shop/", "/bank/"),
      link.replace("/shop/", "//shop/"),
      link.replace("/shop/", "/shop%2F"),
      `${link}/approve`,
      `${link}%0A`,
      link.replace(/[0-9a-f]{64}$/, ""),
      link.replace(/[0-9a-f]{64}$/, "0".repeat(64)),
    ];
    for (const at of altered) {
      const shown = [await open("GET", at), await send(new URLSearchParams({ ...typed, answer: "approve" }), at)];
      expect([at, ...shown.map(({ status }) => status)]).toEqual([at, 404, 404]);
      expect(shown.map(({ html }) => /shop|run-1|<form/.test(html))).toEqual([false, false]);
    }
    expect(started).toEqual([]);
  });

  it("the approval page takes no form that was opened in time and sent too late", async () => {
    const { open, submit, clock, started } = await aBrowser();
    const { html } = await open();
    clock.at = "2026-03-02T12:30:00.000Z";
    expect(await submit(typed, "approve", html)).toMatchObject({ status: 410 });
    expect(started).toEqual([]);
  });
  it("the approval page gives one answer when two people, or one of two minds, press at once", async () => {
    const { open, submit, play, started, question, clock } = await aBrowser();
    const { html } = await open();
    expect(await submit(typed, "approve", html)).toMatchObject({ status: 202 });
    expect(await submit(typed, "approve", html)).toMatchObject({ status: 200 });
    await submit(typed, "withhold", html);
    await submit({ ...typed, by: "bob" }, "approve", html);
    expect(started).toHaveLength(3);
    await play(0);
    for (const nth of [1, 2]) await expect(play(nth)).rejects.toThrow("an answer cannot be changed");
    expect((await question())?.answer).toMatchObject({ approved: true, by: typed.by });
    clock.at = "2026-03-02T12:06:00.000Z";
    for (const button of ["approve", "withhold"]) expect((await submit(typed, button, html)).status).toBe(410);
    expect(started).toHaveLength(3);
  });

  it("the approval page keeps the markup of others as text, also what was typed", async () => {
    const because = `<img src=x onerror=alert(1)> "'&amp; </form><form action="https://evil.example/">`;
    const { open, submit } = await aBrowser({ because });
    for (const { html } of [await open(), await submit({ by: `"><script>alert(1)</script>` })]) {
      expect(html).not.toMatch(/<(img|script)|<form[^>]* action/);
      expect(html).toContain("&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;amp; &lt;/form&gt;&lt;form action=");
    }
  });
  it("the approval page keeps its address a secret, on each of its pages", async () => {
    const { open, submit, link, base, readable } = await aBrowser();
    const pages = [
      ...[await open(), await open("HEAD"), await open("PUT"), await open("GET", base)],
      ...[await submit({}), await submit(typed), await submit(typed)],
    ];
    expect(pages.map(({ status }) => status)).toEqual([200, 405, 405, 404, 400, 202, 200]);
    for (const { headers, html } of pages) {
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "content-type": "text/html; charset=utf-8",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
      expect([headers.get("set-cookie"), headers.get("location")]).toEqual([null, null]);
      expect(html).not.toContain(link.slice(-64));
      expect(html).not.toContain(canary);
    }
    expect(await readable()).not.toContain(canary);
  });
});
