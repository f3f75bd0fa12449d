import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { answersOnly, dropErrors, dropUnread, shrinkErrors } from "../../infra/schema-shake.ts";
import { root } from "../support/import-graph.ts";

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

describe("a shape that is only read", () => {
  const source = (members: string, types: string) =>
    [
      'const _zone = "AvailabilityZone";',
      'const _free = "AvailableIpAddressCount";',
      "export var Subnet$ = [3, n0, _Su,",
      "    0,",
      `    [${members}],`,
      `    [${types}]`,
      "];",
    ].join("\n");
  const types =
    "[0, { [_eQN]: `AvailabilityZone`, [_xN]: _a }], [1, { [_eQN]: `Available, IpAddressCount`, [_xN]: _b }]";
  const named = new Set(["AvailabilityZone"]);

  it("loses the members that no code of ours names, with their types", () => {
    const lines = dropUnread(source("_zone, _free", types), named).split("\n").slice(2);
    expect(lines).toEqual([
      "export var Subnet$ = [3, n0, _Su,",
      "    0,",
      "[_zone],",
      "[[0, { [_eQN]: `AvailabilityZone`, [_xN]: _a }]]",
      "];",
    ]);
  });

  it.each([
    ["another shape", "export var Subnet$", "export var Region$"],
    ["a layout that is not known", "]\n];", "], 1\n];"],
  ])("stays whole in %s", (_, from, to) => {
    const other = source("_zone, _free", types).replace(from, to);
    expect(dropUnread(other, named)).toBe(other);
  });

  const schemas = readFileSync(join(root, "node_modules/@aws-sdk/client-ec2/dist-es/schemas/schemas_0.js"), "utf8");
  const uses = new Map(
    [...schemas.matchAll(/^(?:export var|var|const) (\w+)\$? = (\[[\s\S]*?\n?\]);?$/gm)].map(([, name, body]) => [
      name!,
      [...body!.matchAll(/(?:\(\) => )(\w+?)\$?(?=[\],\s])/g)].map(([, used]) => used!),
    ]),
  );
  const reachedFrom = (name: string, seen = new Set<string>()): Set<string> => {
    for (const used of uses.get(name) ?? [])
      if (!seen.has(used)) {
        seen.add(used);
        reachedFrom(used, seen);
      }
    return seen;
  };

  it("is a part of no request of EC2, and is there in the client that is installed", () => {
    const requests = [...uses.keys()].filter((name) => name.endsWith("Request"));
    const asked = new Set(requests.flatMap((name) => [...reachedFrom(name)]));
    expect(requests.length).toBeGreaterThan(500);
    // the walk does follow lists and structures
    expect([asked.has("BlockDeviceMapping"), reachedFrom("DescribeSubnetsResult").has("Subnet")]).toEqual([true, true]);
    expect([...answersOnly].filter((name) => !uses.has(name) || asked.has(name))).toEqual([]);
  });
});
