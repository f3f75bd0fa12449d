import { goodInARow, isGoodStatus } from "../core/verify.ts";
import type { Context } from "./context.ts";

const getSeconds = 3;

/**
 * Asks a URL until three answers in a row are good (2xx or 3xx), or one is not. `servedAt` is the time of the first
 * answer, null when they were not all good. `connects` are taken in turn; null = the URL's own host.
 */
export const goodAnswersInARow = async (
  { net, now }: Context,
  url: string,
  connects: (string | null)[],
): Promise<{ servedAt: Date | null; because: string }> => {
  let servedAt: Date | null = null;
  for (let nth = 0; nth < goodInARow; nth++) {
    const connect = connects[nth % connects.length] ?? null;
    const answer = await net.http({ url, connect, timeoutSeconds: getSeconds });
    const through = connect ? `${url} at ${connect}` : url;
    if ("error" in answer) return { servedAt: null, because: `${through}: no answer (${answer.error})` };
    if (!isGoodStatus(answer.status)) return { servedAt: null, because: `${through}: HTTP ${answer.status}` };
    servedAt ??= now();
  }
  return { servedAt, because: `${goodInARow} good answers in a row from ${url}` };
};
