import type { PublishInput } from "@aws-sdk/client-sns";
import { AwsError, type Operation, type World } from "./kernel.ts";

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
    published(world).push({ at: world.now(), region, topic, subject: input.Subject ?? null, message });
    return { MessageId: world.id("message") };
  },
};

/** Everything published so far, in order. */
export const messagesOf = (world: World): readonly Published[] => published(world);

const published = (world: World) => world.region<Published[]>("SNS", "all", () => []);
