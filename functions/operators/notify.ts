import { publish } from "../aws/sns.ts";
import type { NotifyOn, Plan } from "../core/model/plan.ts";
import type { Context } from "../runtime/context.ts";

/** Which topics took a message, and a sentence for each that did not. */
export type Notified = { sent: string[]; warnings: string[] };

/** Some topic took it, or there is none that wants it. */
export const isHeard = ({ sent, warnings }: Notified) => sent.length > 0 || warnings.length === 0;

/**
 * Sends a message to the topics of the plan, if it wants to hear of this; a question comes to them always, for a run waits
 * for its answer. A topic that fails is a result, never an error.
 */
export const notify = async (
  { clients, settings, log }: Context,
  { notify: { topics, on } }: Plan,
  kind: NotifyOn | "question",
  message: { subject: string; text: string },
): Promise<Notified> => {
  const notified: Notified = { sent: [], warnings: [] };
  if (kind !== "question" && !on.includes(kind)) return notified;
  const send = async (topic: string) => {
    try {
      await publish(clients, settings.region, topic, message);
      notified.sent.push(topic);
    } catch (error) {
      const warning = `topic ${topic} took no message: ${(error as Error).name}: ${(error as Error).message}`;
      log.warn("message not sent", { warning });
      notified.warnings.push(warning);
    }
  };
  await Promise.all(topics.map(send));
  return { sent: notified.sent.sort(), warnings: notified.warnings.sort() };
};
