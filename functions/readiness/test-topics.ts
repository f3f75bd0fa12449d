import { publish } from "../aws/sns.ts";
import type { Plan } from "../core/model/plan.ts";
import { sentenceOf } from "../core/readiness/proof.ts";
import { isTestDue, type Tested } from "../core/readiness/readiness.ts";
import type { Context } from "../runtime/context.ts";

/**
 * Sends a test message to the topics for which one is due: nothing else shows that the policy of a topic, and of its key, lets
 * Lifeboat in. `before`: what became of the last ones; `since`: when the plan was deployed. Never an error.
 */
export const testTopics = async (
  { clients, settings, now, log }: Context,
  { application, notify: { topics } }: Plan,
  before: Tested,
  since: string | null,
): Promise<Tested> => {
  const at = now().toISOString();
  const test = async (topic: string): Promise<Tested[string]> => {
    const last = before[topic];
    if (last && !isTestDue(last, since, now())) return last;
    try {
      await publish(clients, settings.region, topic, messageOf(application, settings.region));
      return { at, because: null };
    } catch (error) {
      const { name, message } = error as Error;
      log.warn("test message not sent", { topic, code: name, because: message });
      return { at, because: sentenceOf(`${name}: ${message}`) };
    }
  };
  return Object.fromEntries(await Promise.all(topics.map(async (topic) => [topic, await test(topic)] as const)));
};

const messageOf = (application: string, region: string) => ({
  subject: `Lifeboat: ${application}: a test message`,
  text: [
    `This is a test: this topic will carry the messages of a failover of ${application}. There is nothing to do.`,
    `It was sent from ${region}, and comes after each deployment, then once a month. lifeboat status says what is missing.`,
    "",
  ].join("\n"),
});
