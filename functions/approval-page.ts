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
 * Shows the question of a run that waits, and starts the execution that answers it. GET changes nothing, for scanners of
 * mail follow links; POST wants the typed name of the application. Without the right nonce it tells nothing.
 */
export const approvalPage = async ({ method, path, form }: PageRequest, context: Context): Promise<PageReply> => {
  const { store, now } = context;
  if (method !== "GET" && method !== "POST")
    return { status: 405, html: sentencePage("Not allowed"), headers: { allow: "GET, POST" } };
  const place = readPath(path);
  const found = place && (await store.questionOf(place.application, place.nonce));
  if (!place || !found) return { status: 404, html: sentencePage("Not found") };
  const { application } = place;
  const row = await store.row(application);
  const question = waitingQuestion(found, row);
  if (!question || !row || question.answer || question.until <= now().toISOString())
    return { status: 410, html: sentencePage("Not open any more") };

  const by = form.get("by")?.trim() ?? "";
  const shown = (problem: string, status: number): PageReply => ({
    status,
    html: questionPage(application, row.active, question, { problem, by }),
  });
  if (method === "GET") return shown("", 200);
  const choice = form.get("answer");
  if (form.get("application")?.trim() !== application)
    return shown("Nothing was done: the typed name is not that of the application.", 400);
  if (!isPersonName(by)) return shown(`Nothing was done: your name is needed, ${personNameForm}.`, 400);
  if (choice !== "approve" && choice !== "withhold") return shown("Nothing was done: choose one of the two.", 400);
  return give(context, application, { run: question.run, approved: choice === "approve", by });
};

const failed = sentencePage("That did not work", "Try again, or answer by the command line of the message.");
export const handler = page("approval-page", failed, approvalPage);

/** The machine itself gives the answer, as for the command line: the page never sees the task's token. */
const give = async ({ clients, settings, now }: Context, application: string, answer: Approval): Promise<PageReply> => {
  const name = answerRunName(application, answer, now());
  const input = { application, answer };
  const { started } = await startOnce(clients, settings.region, { machine: settings.answerMachine, name, input });
  const said = answer.approved ? "approved" : "withheld";
  const words = started ? `${answer.run} is told that you ${said} it.` : `${answer.run} was told so just now.`;
  return { status: started ? 202 : 200, html: sentencePage(answer.approved ? "Approved" : "Withheld", words) };
};
