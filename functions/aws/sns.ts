import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Clients } from "./clients.ts";

const subjectLengthMax = 100;

/**
 * Sends a message to a topic in the topic's own Region. A topic outside `home` may be in the failed Region: one short
 * attempt. A subject is at most 100 characters of printable ASCII. [SNS API: Publish]
 */
export const publish = async (
  clients: Clients,
  home: string,
  TopicArn: string,
  { subject, text }: { subject: string; text: string },
): Promise<void> => {
  const region = TopicArn.split(":")[3] ?? home;
  const sns = clients(SNSClient, region, region === home ? "standard" : "optional");
  const Subject = subject.replace(/[^\x20-\x7e]+/g, " ").slice(0, subjectLengthMax);
  await sns.send(new PublishCommand({ TopicArn, Subject, Message: text }));
};
