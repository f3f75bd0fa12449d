import { createHash } from "node:crypto";
import type { QueueEntry } from "./queue.ts";

/** CopyImage ClientToken (at most 64 ASCII characters) of one try: for a repeated request EC2 returns the first image. */
export const imageCopyToken = (point: string, { server, from, tries }: QueueEntry) =>
  createHash("sha256").update(`${point}\n${server}\n${from}\n${tries}`).digest("hex");
