import { GetTopicAttributesCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { messagesOf } from "../../../simulator/services/sns.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const region = "eu-central-1";
const TopicArn = `arn:aws:sns:${region}:111122223333:lifeboat`;
const publish = ({ clients }: Simulated, over = {}) =>
  clients(SNSClient, region)
    .send(new PublishCommand({ TopicArn, Subject: "Lifeboat: shop", Message: "text", ...over }))
    .catch((error) => error.name);

describe("the simulated SNS", () => {
  it("the simulated SNS keeps what was published", async () => {
    const kept = await simulated({}, async (live) => {
      await publish(live);
      return messagesOf(live.world);
    });
    expect(kept).toMatchObject([{ region, topic: TopicArn, subject: "Lifeboat: shop", message: "text" }]);
  });

  it.each([
    ["a topic of another Region", { TopicArn: TopicArn.replace(region, "eu-west-1") }],
    ["a subject over 100 characters", { Subject: "x".repeat(101) }],
    ["a subject with a line break", { Subject: "a\nb" }],
    ["a message over 256 KB", { Message: "x".repeat(262_145) }],
    ["no message", { Message: "" }],
  ])("the simulated SNS refuses %s", async (_case, over) => {
    expect(await simulated({}, (live) => publish(live, over))).toBe("InvalidParameter");
  });

  it.each([
    ["a good key", {}, /^Published$/],
    ["a key whose policy keeps the role out", { fault: "key-denied" }, /^KMSAccessDeniedException$/],
    ["a disabled key", { fault: "key-disabled" }, /^KMSDisabledException$/],
  ] as const)(
    "the simulated SNS takes a message to a topic under a customer's key as the key allows: %s",
    async (_case, over, expected) => {
      const faults = "fault" in over ? [{ ...over, region, key: "alias/topics", from: 0, until: Infinity }] : [];
      const inventory = { topics: { [TopicArn]: "alias/topics" } };
      const told = await simulated({ inventory, faults }, async (live) => {
        const { Attributes } = await live.clients(SNSClient, region).send(new GetTopicAttributesCommand({ TopicArn }));
        expect(Attributes?.KmsMasterKeyId).toBe("alias/topics");
        const answer = await publish(live);
        return typeof answer === "string" ? answer : "Published";
      });
      expect(told).toMatch(expected);
    },
  );
});
