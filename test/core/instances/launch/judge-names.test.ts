import { expect, test } from "vitest";
import { judgeNames } from "../../../../functions/core/instances/launch/judge-names.ts";
import type { Resource } from "../../../../functions/core/model/plan.ts";
import { aResource } from "../../../support/builders.ts";

const servers = [
  { name: "web-1", devices: ["/dev/xvda", "/dev/sdf"] },
  { name: "web-2", devices: ["/dev/xvda"] },
];
const { launch } = aResource();

test.each<[string, Partial<Resource>, string[]]>([
  [
    "names that are there",
    { launch: { ...launch, overrides: { "web-1": {} } }, exclude: { volumes: ["/dev/sdf"] } },
    [],
  ],
  [
    "an override of nobody",
    { launch: { ...launch, overrides: { "web-11": { subnet: "subnet-a" }, database: {} } } },
    [
      "web: launch.overrides names web-11, and no server is called so; did you mean web-1?",
      "web: launch.overrides names database, and no server is called so",
    ],
  ],
  [
    "an address of nobody",
    { launch: { ...launch, address: { "web-1": "10.0.0.9", "Web-3": "10.0.0.10" } } },
    ["web: launch.address names Web-3, and no server is called so; did you mean web-1?"],
  ],
  [
    "a device that is nowhere",
    { exclude: { volumes: ["/dev/sdf", "/dev/sdg"] } },
    ["web: exclude.volumes names /dev/sdg, and no server has such a device"],
  ],
])("%s", (_, over, told) => expect(judgeNames(aResource(over), servers)).toEqual(told));
