import { describe, expect, test } from "vitest";
import { judgeRecoveryAddresses } from "../../../../functions/core/instances/launch/conditions.ts";
import { aPlan, aResource } from "../../../support/builders.ts";

const launchWith = (over: Partial<ReturnType<typeof aResource>["launch"]>) =>
  aResource({ launch: { ...aResource().launch, ...over } });

describe("the recovery addresses of the records", () => {
  const traffic = aPlan().traffic!;
  const [record] = traffic.records;
  const own = [{ address: "198.51.100.10" }];
  const named = [launchWith({ elasticIps: ["eipalloc-1"] })];
  const to = (addresses: string[], over = {}) => ({
    ...traffic,
    records: [{ ...record!, recovery: { addresses }, ...over }],
  });

  test.each([
    ["are Elastic IPs that the plan names", to(["198.51.100.10"]), named, own, []],
    [
      "are others",
      to(["198.51.100.11"]),
      named,
      own,
      [
        "traffic: the A records lead to 198.51.100.11, the servers get 198.51.100.10: no Elastic IP of the plan is one of them",
      ],
    ],
    ["are some of them, beside those of a standby", to(["198.51.100.10", "198.51.100.11"]), named, own, []],
    ["cannot be reached from outside", to(["10.0.0.1"]), named, own, []],
    ["are of a private zone", to(["10.0.0.1"], { private: true }), named, own, []],
    ["are those of others, as the plan names no Elastic IPs", to(["198.51.100.11"]), [launchWith({})], [], []],
  ])("the recovery addresses of the records that %s", (_, given, resources, existing, warnings) => {
    expect(judgeRecoveryAddresses(given, resources, existing)).toEqual({ problems: [], warnings });
  });
});
