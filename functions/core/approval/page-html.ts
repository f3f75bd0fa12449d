import type { Question } from "../model/approval-request.ts";
import { atTheDeadline } from "./message.ts";

/** The page of an open question. `problem`: why the last form was not taken. */
export const questionPage = (
  application: string,
  source: string,
  question: Question,
  { problem = "", by = "" }: { problem?: string; by?: string } = {},
): string => {
  const { run, code, because, until } = question;
  return page(`May ${application} leave ${source}?`, [
    ...(problem ? [`<p role="alert"><strong>${escaped(problem)}</strong></p>`] : []),
    `<p>${escaped(run)} waits for a person.</p>`,
    `<p><strong>${escaped(code)}</strong>: ${escaped(because)}</p>`,
    `<p>Until ${escaped(until)}. ${escaped(atTheDeadline(question))}</p>`,
    '<form method="post">',
    // the enter key presses the first button of a form: no answer is given by it
    "<button disabled hidden></button>",
    `<p><label>The name of the application, typed: <input name="application" autocomplete="off" required></label></p>`,
    `<p><label>Your name: <input name="by" value="${escaped(by)}" maxlength="100" required></label></p>`,
    '<p><button name="answer" value="approve">Approve: fail over</button>',
    '<button name="answer" value="withhold">Withhold: do not</button></p>',
    "</form>",
  ]);
};

/** A page that says one thing. */
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
