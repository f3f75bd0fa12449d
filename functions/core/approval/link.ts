import { createHash, timingSafeEqual } from "node:crypto";

/** The word that opens the approval page: as hard to guess as the task token that it comes from, which it does not give away. */
export const nonceOf = (token: string) => sha256(`approval page\n${token}`).toString("hex");

/** Takes the same time whatever is wrong with the given one. */
export const isNonce = (nonce: string, given: string) => timingSafeEqual(sha256(nonce), sha256(given));

const sha256 = (text: string) => createHash("sha256").update(text).digest();

/** Address of the page of one question, below that of the function. */
export const pageLink = (url: string, application: string, nonce: string) =>
  `${url.replace(/\/$/, "")}/${application}/${nonce}`;

/** What such an address says, or null when its path has another shape. */
export const readPath = (path: string): { application: string; nonce: string } | null => {
  const [, application, nonce] = /^\/([a-z][a-z0-9-]{0,31})\/([0-9a-f]{64})\/?$/.exec(path) ?? [];
  return application && nonce ? { application, nonce } : null;
};
