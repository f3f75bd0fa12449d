/** What forges lines and commands terminals: control, format and unassigned characters, separators of lines and paragraphs. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]+/gu;
const nameForm = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u;
const reasonForm = /^[^\p{C}\p{Zl}\p{Zp}]{0,1000}$/u;

/** A text that came from elsewhere, fit for a sentence of one line. */
export const plain = (text: string): string => text.replace(unseen, " ");

/** Whether somebody may be called so in a ledger, a report and a message. Nobody proves that it is the own name. */
export const isPersonName = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && nameForm.test(value);
export const personNameForm = "a name of 1 to 100 characters, all of them visible";

/** Whether this fits as the reason of a run or a pause. */
export const isReason = (value: unknown): value is string => typeof value === "string" && reasonForm.test(value);
export const reasonForms = "one line of at most 1000 characters, all of them visible";

/** An address without its query, in which many put a secret. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/su, "");
