import { describe, expect, it } from "vitest";
import { answer } from "../../functions/answer.ts";
import { approvalPage, handler } from "../../functions/approval-page.ts";
import { ask } from "../../functions/ask.ts";
import { nonceOf } from "../../functions/core/approval/link.ts";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import { actionsOf } from "../../infra/iam/permissions.ts";
import { anApprovalScene, canary } from "../support/approval-scene.ts";
import { aPlan, aQuestion, aRun } from "../support/builders.ts";
import { awsError } from "../support/command-scene.ts";
import { anOutside } from "../support/context.ts";
import { simulated } from "../support/simulated.ts";

const nonce = nonceOf(canary);
const path = `/shop/${nonce}`;
const form = { application: "shop", by: "ann", answer: "approve" };

const asked = async () => {
  const scene = await anApprovalScene();
  await ask(scene.asking(), scene.context);
  scene.clock.at = "2026-03-02T12:05:00.000Z";
  const call = (method: string, given: Record<string, string> = {}, at = path) =>
    approvalPage({ method, path: at, form: new URLSearchParams(given) }, scene.context);
  return { ...scene, call };
};

describe("the approval page", () => {
  it("the approval page shows the question and changes nothing, however often a scanner of mail follows the link", async () => {
    const { call, context, started, calls } = await asked();
    const before = await context.store.question("shop");
    const shown = await call("GET", form);
    for (let times = 0; times < 20; times++) expect(await call("GET")).toMatchObject({ status: 200 });
    expect(shown.status).toBe(200);
    expect(shown.html).toContain("<h1>Fail over shop from eu-west-1?</h1>");
    expect(shown.html).toContain("<strong>Incident</strong>: 2 of 2 witnesses are unhealthy");
    expect(shown.html).toContain("Answer by 2026-03-02T12:30:00.000Z. If nobody answers by then, the run stops");
    expect([started, calls.filter((call) => call !== "Publish"), await context.store.question("shop")]).toEqual([
      ...[[], [], before],
    ]);
  });

  it.each([
    ["approve", true, "Approved"],
    ["withhold", false, "Rejected"],
  ])(
    "the approval page starts the execution that answers when the name is typed: %s",
    async (choice, approved, title) => {
      const { call, started } = await asked();
      const { status, html } = await call("POST", { ...form, answer: choice });
      expect([status, html]).toEqual([202, expect.stringContaining(`<h1>${title}</h1>`)]);
      expect(started).toEqual([
        {
          name: expect.stringMatching(/^answer-shop-20260302T1205-[0-9a-f]{12}$/),
          input: { application: "shop", answer: { run: "run-1", approved, by: "ann" } },
        },
      ]);
    },
  );
  it.each(["", " ", "x".repeat(101), "ann\u001b[2J", "ann\n# shop: failover succeeded"])(
    "the approval page takes no answer of somebody called %j",
    async (by) => {
      const { call, started } = await asked();
      const words = "enter your name, a name of 1 to 100 characters, all of them visible.";
      expect(await call("POST", { ...form, by })).toMatchObject({ status: 400, html: expect.stringContaining(words) });
      expect(started).toEqual([]);
    },
  );

  it("the approval page takes a double click for one answer", async () => {
    const { call, started } = await asked();
    await call("POST", form);
    expect(await call("POST", form)).toMatchObject({ status: 200, html: expect.stringContaining("already approved") });
    expect(started).toHaveLength(1);
  });
  it("the approval page gives an answer that the machine takes", async () => {
    const { call, started, context, waiting } = await asked();
    await call("POST", form);
    const given = started[0]!.input.answer as { run: string; approved: boolean; by: string };
    await answer({ run: aRun({ id: "arn:answer", answer: given }) }, context);
    expect(waiting.size).toBe(0);
    expect(await call("POST", form)).toMatchObject({ status: 410 });
    expect(await call("GET")).toMatchObject({ status: 410 });
  });

  it.each([
    ["another name", { ...form, application: "shop2" }, "the typed name is not the name of the application"],
    ["no name", { by: "ann", answer: "approve" }, "the typed name is not the name of the application"],
    ["nobody's name", { ...form, by: "  " }, "enter your name"],
    ["a name without end", { ...form, by: "a".repeat(101) }, "enter your name"],
    ["neither button", { application: "shop", by: "ann" }, "choose approve or reject"],
    ["another button", { ...form, answer: "approved" }, "choose approve or reject"],
  ])("the approval page does nothing with %s, and says so", async (_case, given, problem) => {
    const { call, started } = await asked();
    const { status, html } = await call("POST", given);
    expect([status, html]).toEqual([400, expect.stringContaining(`Nothing was changed: ${problem}`)]);
    expect(html).toContain("<form");
    expect(started).toEqual([]);
  });

  it.each(["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])("the approval page knows no %s", async (method) => {
    const { call, started } = await asked();
    expect(await call(method, form)).toMatchObject({ status: 405, headers: { allow: "GET, POST" } });
    expect(started).toEqual([]);
  });
  it.each([
    ["no nonce", "/shop"],
    ["a wrong nonce", `/shop/${nonceOf("another")}`],
    ["another application's name", `/bank/${nonce}`],
    ["the root", "/"],
  ])("the approval page shows nothing to a visitor with %s", async (_case, at) => {
    const { call, started } = await asked();
    for (const method of ["GET", "POST"]) {
      const { status, html } = await call(method, form, at);
      expect([status, html.includes("shop"), html.includes("run-1")]).toEqual([404, false, false]);
    }
    expect(started).toEqual([]);
  });
  it("the approval page shows nothing of a question that is no longer open", async () => {
    const { call, clock, context, started } = await asked();
    const gone = async () => {
      for (const method of ["GET", "POST"]) {
        const { status, html } = await call(method, form);
        expect([status, html.includes("shop"), html.includes("run-1")]).toEqual([410, false, false]);
      }
    };
    clock.at = "2026-03-02T12:30:00.000Z";
    await gone();
    clock.at = "2026-03-02T12:05:00.000Z";
    await context.table.update({ pk: "shop", sk: "row" }, { remove: ["run"] });
    await gone();
    expect(started).toEqual([]);
  });

  it("the approval page shows no markup of others", async () => {
    const { call, context } = await asked();
    await context.table.update({ pk: "shop", sk: "question" }, { set: { because: `<script>"'&</script>` } });
    const { html } = await call("POST", { ...form, by: `"><script>`, application: "" });
    expect(html).toContain("&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;");
    expect(html).toContain('value="&quot;&gt;&lt;script&gt;"');
    expect(html).not.toContain("<script");
  });
  it("the approval page never shows the token, nor the nonce", async () => {
    const scene = await asked();
    const pages = [await scene.call("GET"), await scene.call("POST", { by: "ann" }), await scene.call("POST", form)];
    expect(JSON.stringify(pages) + (await scene.readable())).not.toContain(canary);
    expect(JSON.stringify(pages)).not.toContain(nonce);
  });
  it("the approval page shows no detail when AWS fails", async () => {
    const { call, failures } = await asked();
    failures.StartExecution = [awsError("AccessDeniedException", "not authorized: arn:secret")];
    await expect(call("POST", form)).rejects.toThrow("not authorized");
    const event = { rawPath: path, requestContext: { http: { method: "GET" } } };
    const reply = await handler.in({
      ...anOutside(),
      watches: [async () => Promise.reject(awsError("No", "arn:secret"))],
    })(event, {} as never);
    expect(reply).toMatchObject({ statusCode: 500, body: expect.stringContaining("Internal error") });
    expect(JSON.stringify(reply)).not.toContain("arn:secret");
  });
  it("the approval page calls what its role allows, and nothing else", async () => {
    const started: unknown[] = [];
    const StartExecution = (input: { input: string }) => {
      started.push(JSON.parse(input.input));
      return { executionArn: "arn:answer", startDate: new Date() };
    };
    await simulated({ services: { SFN: { StartExecution } } }, async ({ world, context, outside }) => {
      await context.store.savePlan(aPlan());
      await context.store.saveQuestion("shop", aQuestion({ until: "2026-03-02T12:30:00.000Z" }), canary, nonce);
      const run = { ...aRun(), machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} };
      await context.table.update({ pk: "shop", sk: "row" }, { set: { run } });
      const before = world.journal.length;
      const body = new URLSearchParams(form).toString();
      const event = { rawPath: path, requestContext: { http: { method: "POST" } }, body };
      expect(await handler.in(outside)(event, {} as never)).toMatchObject({ statusCode: 202 });
      const made = world.journal.slice(before).map(actionOfCall);
      expect([...new Set(made)].sort()).toEqual(actionsOf("approval-page"));
    });
    expect(started).toEqual([{ application: "shop", answer: { run: "run-1", approved: true, by: "ann" } }]);
  });
});
