import { expect, it } from "vitest";
import { silenceOf, tryCall } from "../../../functions/aws/calls/try-call.ts";

const failure = (name: string, over: object = {}) =>
  Promise.reject(Object.assign(new Error("told"), { name, ...over }));

it.each([
  ["a value", () => Promise.resolve(7), { value: 7 }],
  ["a time limit", () => failure("TimeoutError"), { silent: true, because: "TimeoutError: told" }],
  ["a 503", () => failure("X", { $metadata: { httpStatusCode: 503 } }), { silent: true, because: "X: told" }],
  ["a broken connection", () => failure("Error", { code: "ECONNREFUSED" }), { silent: true, because: "Error: told" }],
  [
    "a resolver of our own that fails, which says nothing of the Region",
    () => failure("Error", { code: "EAI_AGAIN" }),
    { silent: false, because: "Error: told" },
  ],
  [
    "a throttle, which EC2 sends as 503",
    () => failure("RequestLimitExceeded", { $metadata: { httpStatusCode: 503 } }),
    { silent: false, because: "RequestLimitExceeded: told" },
  ],
  ["a refusal", () => failure("AccessDenied"), { silent: false, because: "AccessDenied: told" }],
  ["what is no error", () => Promise.reject("torn"), { silent: false, because: "torn" }],
])("%s", async (_case, call, expected) => {
  expect(await tryCall(call())).toEqual(expected);
});

it.each([
  ["a value", () => Promise.resolve(7), null],
  ["a refusal", () => failure("AccessDenied", { $metadata: { httpStatusCode: 403 } }), null],
  ["a fault of the service", () => failure("X", { $metadata: { httpStatusCode: 503 } }), null],
  ["a time limit", () => failure("TimeoutError", { $metadata: { attempts: 1 } }), "TimeoutError: told"],
  ["a resolver that fails", () => failure("Error", { code: "EAI_AGAIN" }), "Error: told"],
])("whether anything came back: %s", async (_case, call, silence) => {
  expect(await silenceOf(call())).toBe(silence);
});
