import { expect, it } from "vitest";
import { executionLink, questionMessage } from "../../../functions/core/approval/message.ts";
import { aPlan, aQuestion } from "../../support/builders.ts";

it("tells who is woken by it what happened, what is asked, how to answer, and what happens without", () => {
  expect(questionMessage(aPlan(), aQuestion(), "https://page/shop/abc")).toEqual({
    subject: "Lifeboat: shop: may it move to eu-central-1? (Incident)",
    text: [
      "shop (priority 5) waits for a person: may run-1 move it from eu-west-1 to eu-central-1?",
      "",
      "Incident: 2 of 2 witnesses are unhealthy",
      "",
      "Approve:  lifeboat approve shop --region eu-central-1",
      "Withhold: lifeboat withhold shop --region eu-central-1",
      "Look:     lifeboat status shop --region eu-central-1",
      "By page:  https://page/shop/abc",
      "Console:  to approve, start lifeboat-failover (alias live) in eu-central-1 with the input",
      '          { "application": "shop", "approve": true }',
      "",
      "Until 2026-03-02T12:30:00.000Z. Without an answer it stops then, and nothing is moved.",
      "The run that waits: https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1",
      "",
    ].join("\n"),
  });
});

it("leaves out the page where there is none, and says when silence means yes", () => {
  const { text } = questionMessage(aPlan(), aQuestion({ otherwise: "act" }), null);
  expect(text).not.toContain("By page");
  expect(text).toContain(
    "Without an answer it goes on then and fails over, if the witnesses still speak against the Region.",
  );
});

it.each([
  ["aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"],
  ["aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"],
  ["aws-other", "xx-one-1", "https://xx-one-1.console.aws.amazon.com/"],
])("knows the console of %s", (partition, region, begin) => {
  expect(executionLink(`arn:${partition}:states:${region}:1:execution:m:n`).startsWith(begin)).toBe(true);
});
