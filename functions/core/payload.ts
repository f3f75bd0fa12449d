import { limits } from "./limits.ts";

/**
 * A step's result as the payload of its machine has room for it, however many servers there are: a list or map of more than
 * `limits.listBytes` is left out (the ledger has it), and a sentence is cut. A list of sentences keeps its beginning.
 */
export const toPayload = <T extends object>(result: T): T =>
  Object.fromEntries(
    Object.entries(result).flatMap(([key, value]) => {
      if (typeof value === "string") return [[key, cut(value)]];
      if (isSentences(value)) return [[key, beginningOf(value)]];
      return isShort(value) ? [[key, value]] : [];
    }),
  ) as T;

/** A step that gives its result so. */
export const withinPayload =
  <Input, Context, Result extends object>(act: (input: Input, context: Context) => Promise<Result>) =>
  async (input: Input, context: Context): Promise<Result> =>
    toPayload(await act(input, context));

const isShort = (value: unknown) => sizeOf(value) <= limits.listBytes;
const sizeOf = (value: unknown) => JSON.stringify(value ?? null).length;

/** Sentences have spaces; ids and names, which only count as a whole, have none. */
const isSentences = (value: unknown): value is string[] =>
  Array.isArray(value) && value.some((one) => typeof one === "string" && one.includes(" "));

const beginningOf = (sentences: string[]) => {
  const kept: string[] = [];
  for (const sentence of sentences.map((one) => cut(one, limits.sentenceCharacters / 4))) {
    if (sizeOf([...kept, sentence]) > limits.listBytes) return [...kept, `and ${sentences.length - kept.length} more`];
    kept.push(sentence);
  }
  return kept;
};

/** The machine's payload, an error's cause and an item of the table have room for so many sentences. */
const sentencesMax = 100;
export const atMost = (sentences: string[]) =>
  sentences.length > sentencesMax
    ? [...sentences.slice(0, sentencesMax), `and ${sentences.length - sentencesMax} more`]
    : sentences;

/** The beginning of a sentence that is too long to be read. */
export const cut = (sentence: string, most: number = limits.sentenceCharacters) =>
  sentence.length > most ? `${sentence.slice(0, most - 1)}…` : sentence;
