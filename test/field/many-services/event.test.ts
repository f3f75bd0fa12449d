import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readEvent, strangerOf } from "../../../functions/core/detect/events.ts";
import { aPlan } from "../../support/builders.ts";

const event = JSON.parse(readFileSync(new URL("./event.json", import.meta.url), "utf8"));
it("the event of a wide outage is of a witness awsHealth: [EC2, EBS]", () => {
  const got = readEvent({ application: "shop", event }, "111122223333") as unknown as { issue: never };
  const plan = aPlan();
  plan.detect.witnesses.push({
    name: "aws",
    kind: "awsHealth",
    services: ["EC2", "EBS"],
    region: "eu-west-1",
  } as never);
  expect(strangerOf(plan, null as never, got.issue)).toBeNull();
});
