import { goodInARow } from "../../good-answer.ts";
import type { Verify } from "../../model/plan.ts";

export const withinSecondsDefault = 600;

export type VerifyDecision = { action: "done" | "wait" | "fail"; code: string; because: string };

/** Judges one look at a server that has been looked at since `since`. */
export const judgeVerify = (
  look: { good: boolean; because: string },
  { since, now, withinSeconds }: { since: Date; now: Date; withinSeconds: number },
): VerifyDecision => {
  if (look.good) return { action: "done", code: "Served", because: look.because };
  const seconds = Math.round((now.getTime() - since.getTime()) / 1_000);
  if (seconds < withinSeconds)
    return { action: "wait", code: "NotYet", because: `${look.because}, after ${seconds} of ${withinSeconds} s` };
  return {
    action: "fail",
    code: "TooLate",
    because: `${look.because}, after ${seconds} s; ${withinSeconds} s allowed`,
  };
};

/** What is asked of a server, where: a page, or an open port (`path` null). */
export type Target = { protocol: "http" | "https" | "tcp"; port: number; path: string | null };

/** What the plan asks of a server; null where the target group's own check is all. */
export const verifyTarget = ({ http, https, tcp }: Pick<Verify, "http" | "https" | "tcp">): Target | null => {
  if (http) return { protocol: "http", ...http };
  if (https) return { protocol: "https", ...https };
  return tcp ? { protocol: "tcp", ...tcp, path: null } : null;
};

/** The target at an address, as a URL: an IPv6 address stands in brackets. */
export const urlOf = ({ protocol, port, path }: Target, address: string) =>
  `${protocol}://${address.includes(":") ? `[${address}]` : address}:${port}${path ?? ""}`;

/**
 * Shell line that succeeds when the server itself answers well three times in a row. A certificate names the server's
 * users' name, not 127.0.0.1: it is not looked at.
 */
export const probeCommand = (target: Target) => {
  const url = urlOf(target, "127.0.0.1").replaceAll("'", "%27");
  const insecure = target.protocol === "https" ? "--insecure " : "";
  const ask =
    target.path === null
      ? `timeout 5 bash -c '</dev/tcp/127.0.0.1/${target.port}'`
      : `curl --fail --silent --show-error ${insecure}--output /dev/null --max-time 5 '${url}'`;
  return Array.from({ length: goodInARow }, () => ask).join(" && ");
};

/** A volume that was made from a snapshot: how much of it EBS has loaded, in percent; null = it does not say yet. */
export type Loading = { volume: string; percent: number | null };

/** Are the volumes of a server whole? EBS tells up to five minutes late. [SDK EC2: VolumeStatusItem] */
export const judgeInitialized = (volumes: Loading[]): { good: boolean; because: string } => {
  const open = volumes.filter(({ percent }) => (percent ?? 0) < 100);
  const progress = open.map(({ volume, percent }) => `${volume} ${percent === null ? "not reported" : `${percent} %`}`);
  return open.length === 0
    ? { good: true, because: `${volumes.length} volumes are initialized` }
    : {
        good: false,
        because: `${open.length} of ${volumes.length} volumes are still initializing: ${progress.join(", ")}`,
      };
};
