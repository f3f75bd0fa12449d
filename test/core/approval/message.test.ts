import { expect, it } from "vitest";
import { approvalMessage, executionLink } from "../../../functions/core/approval/message.ts";
import { aPlan, aQuestion } from "../../support/builders.ts";

it("tells who is woken by it what happened, what is asked, how to answer, and what happens without", () => {
  expect(approvalMessage(aPlan(), aQuestion(), "https://page/shop/abc")).toEqual({
    subject: "Lifeboat: shop: approval needed: fail over to eu-central-1? (Incident)",
    text: [
      "Approval needed: fail over shop (priority 5) from eu-west-1 to eu-central-1? (run run-1)",
      "",
      "Incident: 2 of 2 witnesses are unhealthy",
      "",
      "Approve:  lifeboat approve shop --region eu-central-1",
      "Reject:   lifeboat withhold shop --region eu-central-1",
      "Status:   lifeboat status shop --region eu-central-1",
      "Web page: https://page/shop/abc",
      "Console:  to approve, start lifeboat-failover (alias live) in eu-central-1 with the input",
      '          { "application": "shop", "approve": true }',
      "",
      "Answer by 2026-03-02T12:30:00.000Z. If nobody answers by then, the run stops and nothing is changed.",
      "Waiting run: https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1",
      "",
    ].join("\n"),
  });
});

it("leaves out the page where there is none, and says when silence means yes", () => {
  const { text } = approvalMessage(aPlan(), aQuestion({ otherwise: "act" }), null);
  expect(text).not.toContain("Web page");
  expect(text).toContain("If nobody answers by then, the failover proceeds if the Region still looks unhealthy.");
});

it.each([
  ["aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"],
  ["aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"],
  ["aws-other", "xx-one-1", "https://xx-one-1.console.aws.amazon.com/"],
])("knows the console of %s", (partition, region, begin) => {
  expect(executionLink(`arn:${partition}:states:${region}:1:execution:m:n`).startsWith(begin)).toBe(true);
});
