import { describe, expect, it } from "vitest";
import { type Edit, problemsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "two resources of one name",
    (d) => {
      d.protect[1].name = "app";
      d.recover.waves = [["app"]];
    },
    "protect[1].name: expected a resource name of its own (got app again)",
  ],
  [
    "two resources with one selection",
    (d) => {
      d.protect[1].select = d.protect[0].select;
    },
    "protect[1].select.tags: expected a selection of its own, or two resources protect the same servers (got App=web-shop, Tier=app again)",
  ],
  [
    "two witnesses of one name",
    (d) => {
      d.detect.witnesses[1].name = "errors";
    },
    "detect.witnesses[1].name: expected a witness name of its own (got errors again)",
  ],
  [
    "one Elastic IP for two servers",
    (d) => {
      d.protect[0].launch.elasticIps = ["eipalloc-1", "eipalloc-1"];
    },
    "protect[0].launch.elasticIps[1]: expected an Elastic IP that no other server has (got eipalloc-1 again)",
  ],
  [
    "one address for two servers",
    (d) => {
      d.protect[0].launch.address = { a: "10.0.0.5" };
      d.protect[1].launch.overrides = { b: { address: "10.0.0.5" } };
    },
    "protect[1].launch.overrides.b.address: expected an address that no other server has (got 10.0.0.5 again)",
  ],
];

describe("names in a plan", () => {
  it.each(mistakes)("the rules of names refuse %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });
});
