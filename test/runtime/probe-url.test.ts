import { expect, it } from "vitest";
import type { Probe } from "../../functions/core/model/plan.ts";
import { goodProbe } from "../../functions/runtime/probe-url.ts";
import { aContext } from "../support/context.ts";

const probe = {
  name: "canary",
  kind: "probe",
  url: "https://shop.example.com/healthz?key=SECRET",
  connect: null,
  side: "primary",
  expect: [],
  contains: null,
  from: null,
} as Probe;

it.each([
  [{ status: 200, body: "" }, ["192.0.2.1"], "3 good answers in a row from https://shop.example.com/healthz"],
  [{ status: 500, body: "" }, ["192.0.2.1"], "https://shop.example.com/healthz at 192.0.2.1: HTTP 500"],
  [{ error: "ETIMEDOUT" }, ["192.0.2.1"], "https://shop.example.com/healthz at 192.0.2.1: no answer (ETIMEDOUT)"],
  [{ status: 200, body: "" }, [], "https://shop.example.com/healthz: no address of the new side is known"],
])("what is said of an answer (%j) leaves out the query, where a secret may be", async (answer, connects, said) => {
  const asked: string[] = [];
  const context = aContext();
  const http = async ({ url }: { url: string }) => {
    asked.push(url);
    return answer;
  };
  const { because } = await goodProbe({ ...context, net: { ...context.net, http } }, probe, connects);
  expect(because).toBe(said);
  expect(asked.every((url) => url === probe.url)).toBe(true);
});
