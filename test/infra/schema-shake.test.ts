import { expect, test } from "vitest";
import { dropErrors, shrinkErrors } from "../../infra/schema-shake.ts";

test("an error that no code of ours names is not registered, so that its class drops out", () => {
  const source = [
    "_s_registry.registerError(KMSServiceException$, KMSServiceException);",
    "n0_registry.registerError(NotFoundException$, NotFoundException);",
    "n0_registry.registerError(XksKeyInvalidException$, XksKeyInvalidException);",
  ];
  expect(dropErrors(source.join("\n"), new Set(["NotFoundException"])).split("\n")).toEqual([
    ...source.slice(0, 2),
    "",
  ]);
});

test("the class of an error may drop out when nothing uses it", () => {
  const source = `export class NotFoundException extends __BaseException {
    name = "NotFoundException";
    $fault = "client";
    constructor(opts) {
        super({
            name: "NotFoundException",
            $fault: "client",
            ...opts,
        });
        Object.setPrototypeOf(this, NotFoundException.prototype);
    }
}`;
  expect(shrinkErrors(source)).toContain(
    'export const NotFoundException = /* @__PURE__ */ errorOf("NotFoundException", "client");',
  );
});
