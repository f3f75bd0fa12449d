import { describe, expect, it } from "vitest";
import { readProbe, tcpTarget } from "../../../functions/core/detect/probe.ts";

const answered = (status: number, body = "") => ({ status, body });
const any = { expect: [], contains: null };

describe("readProbe", () => {
  it.each([
    [any, answered(200), "healthy", "HTTP 200"],
    [any, answered(302), "healthy", "HTTP 302"],
    [any, answered(404), "unhealthy", "HTTP 404"],
    [any, answered(503), "unhealthy", "HTTP 503"],
    [any, answered(0), "unhealthy", "HTTP 0"],
    [any, { error: "ETIMEDOUT" }, "unhealthy", "no answer (ETIMEDOUT)"],
    [any, { error: "ENOTFOUND" }, "unhealthy", "no answer (ENOTFOUND)"],
    [any, { error: "EAI_AGAIN" }, "cannot-tell", "our own resolver does not answer (EAI_AGAIN)"],
    [any, { open: true as const }, "healthy", "the port is open"],
    [{ expect: [401], contains: null }, answered(401), "healthy", "HTTP 401"],
    [{ expect: [401, 403], contains: null }, answered(200), "unhealthy", "HTTP 200, expected 401 or 403"],
    [{ expect: [], contains: "ready" }, answered(200, "all is ready"), "healthy", "HTTP 200"],
    [{ expect: [], contains: "ready" }, answered(200, "sorry"), "unhealthy", 'HTTP 200 without "ready" in its body'],
    [{ expect: [503], contains: "ready" }, answered(503, "ready"), "healthy", "HTTP 503"],
  ])("%j, %j: %s", (wanted, answer, state, because) => {
    expect(readProbe(wanted, answer)).toEqual({ state, because, silent: false });
  });
});

it.each([
  ["tcp://db.example.com:5432", { host: "db.example.com", port: 5432 }],
  ["tcp://192.0.2.10:22/", { host: "192.0.2.10", port: 22 }],
  ["tcp://[2001:db8::1]:443", { host: "2001:db8::1", port: 443 }],
  ["tcp://db.example.com", null],
  ["https://shop.example.com:443", null],
])("%s: %j", (url, target) => {
  expect(tcpTarget(url)).toEqual(target);
});
