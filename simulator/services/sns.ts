import type { GetTopicAttributesInput, PublishInput } from "@aws-sdk/client-sns";
import { AwsError, type Operation, type World } from "../kernel.ts";
import { addKey, findKey, isEnabled, isUsable } from "./kms.ts";

export type Published = { at: number; region: string; topic: string; subject: string | null; message: string };

const messageBytesMax = 262_144;

/** SNS: a topic takes what is published to it in its own Region, and keeps it for the story. [SDK SNS: Publish] */
export const sns: Record<string, Operation> = {
  Publish: (input: PublishInput, { world, region }) => {
    const topic = input.TopicArn ?? "";
    if (!/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/.test(topic) || topic.split(":")[3] !== region)
      throw new AwsError("InvalidParameter", "Invalid parameter: TopicArn");
    if (input.Subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(input.Subject))
      throw new AwsError("InvalidParameter", "Invalid parameter: Subject");
    const message = input.Message ?? "";
    if (!message || Buffer.byteLength(message) > messageBytesMax)
      throw new AwsError("InvalidParameter", "Invalid parameter: Message");
    checkKey(world, region, topic);
    published(world).push({ at: world.now(), region, topic, subject: input.Subject ?? null, message });
    return { MessageId: world.uuid() };
  },

  GetTopicAttributes: ({ TopicArn = "" }: GetTopicAttributesInput, { world }) => {
    const key = keysOfTopics(world).get(TopicArn);
    return { Attributes: { TopicArn, ...(key && { KmsMasterKeyId: key }) } };
  },
};

/** From now on a message to this topic needs a key of its Region, made when it is not there. [SNS:sns-server-side-encryption] */
export const encryptTopic = (world: World, topic: string, key: string) => {
  addKey(world, topic.split(":")[3] ?? "", key);
  keysOfTopics(world).set(topic, key);
};

const keysOfTopics = (world: World) => world.region("SNS keys", "all", () => new Map<string, string>());

/** Publishing needs kms:GenerateDataKey and kms:Decrypt on the topic's key. [SNS:sns-key-management] [SDK SNS: Publish] */
const checkKey = (world: World, region: string, topic: string) => {
  const reference = keysOfTopics(world).get(topic);
  if (!reference || isUsable(world, region, reference)) return;
  const key = findKey(world, region, reference);
  if (!key) throw new AwsError("KMSNotFoundException", `Invalid keyId ${reference}`);
  if (!isEnabled(world, region, key)) throw new AwsError("KMSDisabledException", `${key.arn} is disabled.`);
  throw new AwsError(
    "KMSAccessDeniedException",
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
  );
};

/** What a service of the Region publishes, without a call of ours. */
export const publishTo = (
  world: World,
  region: string,
  topic: string,
  { subject, message }: { subject: string; message: string },
) => published(world).push({ at: world.now(), region, topic, subject, message });

/** Everything published so far, in order. */
export const messagesOf = (world: World): readonly Published[] => published(world);

const published = (world: World) => world.region<Published[]>("SNS", "all", () => []);
