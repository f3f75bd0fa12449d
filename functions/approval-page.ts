import { startOnce } from "./aws/executions.ts";
import { waitingQuestion } from "./core/approval/approval.ts";
import { readPath } from "./core/approval/link.ts";
import { questionPage, sentencePage } from "./core/approval/page-html.ts";
import type { Approval } from "./core/model/run.ts";
import { answerRunName } from "./core/names.ts";
import { isPersonName, personNameForm } from "./core/plain.ts";
import type { Context } from "./runtime/context.ts";
import { type PageReply, type PageRequest, page } from "./runtime/page.ts";

/**
 * Shows the approval request of a waiting run, and starts the execution that answers it. GET changes nothing, since mail
 * scanners follow links; POST needs the typed name of the application. Without the right nonce it shows nothing.
 */
export const approvalPage = async ({ method, path, form }: PageRequest, context: Context): Promise<PageReply> => {
  const { store, now } = context;
  if (method !== "GET" && method !== "POST")
    return { status: 405, html: sentencePage("Not allowed"), headers: { allow: "GET, POST" } };
  const target = readPath(path);
  const found = target && (await store.questionOf(target.application, target.nonce));
  if (!target || !found) return { status: 404, html: sentencePage("Not found") };
  const { application } = target;
  const row = await store.row(application);
  const question = waitingQuestion(found, row);
  if (!question || !row || question.answer || question.until <= now().toISOString())
    return { status: 410, html: sentencePage("This request is closed") };

  const by = form.get("by")?.trim() ?? "";
  const shown = (problem: string, status: number): PageReply => ({
    status,
    html: questionPage(application, row.active, question, { problem, by }),
  });
  if (method === "GET") return shown("", 200);
  const choice = form.get("answer");
  if (form.get("application")?.trim() !== application)
    return shown("Nothing was changed: the typed name is not the name of the application.", 400);
  if (!isPersonName(by)) return shown(`Nothing was changed: enter your name, ${personNameForm}.`, 400);
  if (choice !== "approve" && choice !== "withhold")
    return shown("Nothing was changed: choose approve or reject.", 400);
  return give(context, application, { run: question.run, approved: choice === "approve", by });
};

const failed = sentencePage("Internal error", "Try again, or use the command in the message.");
export const handler = page("approval-page", failed, approvalPage);

/** The machine gives the answer, as for the command line: the page never reads the token of the task. */
const give = async ({ clients, settings, now }: Context, application: string, answer: Approval): Promise<PageReply> => {
  const name = answerRunName(application, answer, now());
  const input = { application, answer };
  const { started } = await startOnce(clients, settings.region, { machine: settings.answerMachine, name, input });
  const decision = answer.approved ? "approved" : "rejected";
  const sentence = started ? `You ${decision} ${answer.run}.` : `${answer.run} was already ${decision}.`;
  return { status: started ? 202 : 200, html: sentencePage(answer.approved ? "Approved" : "Rejected", sentence) };
};
