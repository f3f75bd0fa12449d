import { isGoodStatus } from "../good-answer.ts";
import type { Probe } from "../model/plan.ts";
import { brief, type Reading, unclear } from "./witness.ts";

/** What a probe met: an HTTP answer, an open port, or why there was neither. */
export type ProbeAnswer = { status: number; body: string } | { open: true } | { error: string };

/** Host and port of tcp://host:port; null of every other URL. */
export const tcpTarget = (url: string): { host: string; port: number } | null => {
  const [, host, port] = /^tcp:\/\/\[?([^/]+?)\]?:(\d+)\/?$/.exec(url) ?? [];
  return host && port ? { host, port: Number(port) } : null;
};

/**
 * A probe is healthy with a status of `expect` (2xx and 3xx when there is none) and the text of `contains`, or with an
 * open port; every other answer, and none, is unhealthy. A resolver of our own that fails says nothing.
 */
export const readProbe = ({ expect, contains }: Pick<Probe, "expect" | "contains">, answer: ProbeAnswer): Reading => {
  if ("error" in answer && answer.error === "EAI_AGAIN") return unclear("our own resolver does not answer (EAI_AGAIN)");
  if ("error" in answer) return red(brief(`no answer (${answer.error})`));
  if ("open" in answer) return green("the port is open");
  const { status, body } = answer;
  const expected = expect.length > 0 ? expect.includes(status) : isGoodStatus(status);
  if (!expected) return red(`HTTP ${status}${expect.length > 0 ? `, expected ${expect.join(" or ")}` : ""}`);
  if (contains !== null && !body.includes(contains))
    return red(brief(`HTTP ${status} without "${contains}" in its body`));
  return green(`HTTP ${status}`);
};

const red = (because: string): Reading => ({ state: "unhealthy", because, silent: false });
const green = (because: string): Reading => ({ state: "healthy", because, silent: false });
