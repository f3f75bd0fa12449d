import { describe, expect, it } from "vitest";
import { isNonce, nonceOf, pageLink, readPath } from "../../../functions/core/approval/link.ts";

const nonce = nonceOf("a task token");

describe("the link of the approval page", () => {
  it("carries a nonce that comes from the token and does not give it away", () => {
    expect(nonce).toMatch(/^[0-9a-f]{64}$/);
    expect(nonceOf("a task token")).toBe(nonce);
    expect(nonceOf("another task token")).not.toBe(nonce);
  });
  it.each([
    [nonce, true],
    [nonce.slice(1), false],
    [`${nonce.slice(0, -1)}g`, false],
    ["", false],
    [`${nonce}0`, false],
  ])("the link of the approval page is opened by that nonce only (%#)", (given, opens) => {
    expect(isNonce(nonce, given)).toBe(opens);
  });
  it.each(["https://x.lambda-url.eu-central-1.on.aws/", "https://x.lambda-url.eu-central-1.on.aws"])(
    "the link of the approval page is read as it was made, below %s",
    (url) => {
      const link = pageLink(url, "web-shop", nonce);
      expect(link).toBe(`https://x.lambda-url.eu-central-1.on.aws/web-shop/${nonce}`);
      expect(readPath(new URL(link).pathname)).toEqual({ application: "web-shop", nonce });
    },
  );
  it.each([
    "/",
    "",
    "/shop",
    `/shop/${nonce}/more`,
    `/Shop/${nonce}`,
    `/%23storm/${nonce}`,
    `/shop/${nonce}`.slice(1),
    "/shop/x",
  ])("the link of the approval page has one shape: %j is none", (path) => {
    expect(readPath(path)).toBeNull();
  });
});
