import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { fitSubject, fitText } from "../core/message.ts";
import type { Clients } from "./clients.ts";

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
