import type { Asked } from "../aws/store/approval-items.ts";
import { pageLink } from "../core/approval/link.ts";
import { approvalMessage } from "../core/approval/message.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Context } from "../runtime/context.ts";
import { isHeard, notify } from "./notify.ts";

/** Puts a question to the topics, and notes that they have it; one that no topic took is sent again. */
export const tellQuestion = async (context: Context, plan: Plan, { question, nonce }: Asked): Promise<void> => {
  const { settings, store } = context;
  const page = settings.approvalUrl ? pageLink(settings.approvalUrl, plan.application, nonce) : null;
  if (isHeard(await notify(context, plan, "question", approvalMessage(plan, question, page))))
    await store.markTold(plan.application, question.run);
};
