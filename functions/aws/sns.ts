import { GetTopicAttributesCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { fitSubject, fitText } from "../core/fit-message.ts";
import type { Clients } from "./calls/clients.ts";
import { codeOf } from "./calls/errors.ts";

/**
 * Sends a message, cut to what SNS takes, to a topic in the topic's own Region. A topic outside `home` may be in the failed
 * Region: one short attempt. [SDK SNS: Publish]
 */
export const publish = async (
  clients: Clients,
  home: string,
  TopicArn: string,
  { subject, text }: { subject: string; text: string },
): Promise<void> => {
  const region = TopicArn.split(":")[3] ?? home;
  const sns = clients(SNSClient, region, region === home ? "standard" : "optional");
  await sns.send(new PublishCommand({ TopicArn, Subject: fitSubject(subject), Message: fitText(text) }));
};

/** A topic, with the key that its messages are encrypted under, as it was named, or null; null when there is no such topic. */
export const describeTopic = async (
  clients: Clients,
  home: string,
  TopicArn: string,
): Promise<{ key: string | null } | null> => {
  const region = TopicArn.split(":")[3] || home;
  try {
    const { Attributes } = await clients(SNSClient, region, region === home ? "standard" : "optional").send(
      new GetTopicAttributesCommand({ TopicArn }),
    );
    return { key: Attributes?.KmsMasterKeyId || null };
  } catch (error) {
    if (codeOf(error) === "NotFoundException" || codeOf(error) === "NotFound") return null;
    throw error;
  }
};
