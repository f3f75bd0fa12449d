import type { Question } from "../model/approval-request.ts";
import { deadlineSentence } from "./message.ts";

/** The page of an open question. `problem`: why the last form was rejected. */
export const questionPage = (
  application: string,
  source: string,
  question: Question,
  { problem = "", by = "" }: { problem?: string; by?: string } = {},
): string => {
  const { run, code, because, until } = question;
  return page(`Fail over ${application} from ${source}?`, [
    ...(problem ? [`<p role="alert"><strong>${escaped(problem)}</strong></p>`] : []),
    `<p>Approval needed for run ${escaped(run)}.</p>`,
    `<p><strong>${escaped(code)}</strong>: ${escaped(because)}</p>`,
    `<p>Answer by ${escaped(until)}. ${escaped(deadlineSentence(question))}</p>`,
    '<form method="post">',
    // the enter key presses the first button of a form: no answer is given by it
    "<button disabled hidden></button>",
    `<p><label>Type the name of the application: <input name="application" autocomplete="off" required></label></p>`,
    `<p><label>Your name: <input name="by" value="${escaped(by)}" maxlength="100" required></label></p>`,
    '<p><button name="answer" value="approve">Approve: fail over</button>',
    '<button name="answer" value="withhold">Reject: change nothing</button></p>',
    "</form>",
  ]);
};

/** A page with one sentence. */
export const sentencePage = (title: string, sentence = ""): string =>
  page(title, sentence ? [`<p>${escaped(sentence)}</p>`] : []);

const page = (title: string, body: string[]) =>
  [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head>`,
    `<body><h1>${escaped(title)}</h1>`,
    ...body,
    "</body></html>",
    "",
  ].join("\n");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => entities[letter]!);
