import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { expect, it } from "vitest";
import { publish } from "../../functions/aws/sns.ts";
import { aContext } from "../support/context.ts";

it("sends a subject that SNS accepts, in the Region of the topic", async () => {
  const mock = mockClient(SNSClient);
  mock.on(PublishCommand).resolves({});
  const topic = "arn:aws:sns:us-east-1:111122223333:lifeboat";
  await publish(aContext().clients, "eu-central-1", topic, { subject: `a · b\n${"x".repeat(200)}`, text: "whole" });
  const [call] = mock.commandCalls(PublishCommand);
  expect(call?.args[0].input).toEqual({ TopicArn: topic, Subject: `a   b ${"x".repeat(94)}`, Message: "whole" });
  expect(await call?.thisValue.config.region()).toBe("us-east-1");
});
