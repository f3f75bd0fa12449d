import { limits } from "./limits.ts";
import type { Verify } from "./plan.ts";

/** So many good answers in a row prove a server; the first of them is when it served. */
export const goodInARow = 3;
export const withinSecondsDefault = 600;

export const isGoodStatus = (status: number) => status >= 200 && status < 400;

/** Seconds between two polls: longer ones only where 360 polls, the bound of the machine, need it. */
export const verifyWaitSeconds = (withinSeconds: number) =>
  Math.max(limits.pollSecondsMin, Math.ceil(withinSeconds / 300));

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

/** Shell line that succeeds when the server itself answers well three times in a row. */
export const probeCommand = ({ port, path }: Verify["http"]) => {
  const url = `http://127.0.0.1:${port}${path}`.replaceAll("'", "%27");
  const ask = `curl --fail --silent --show-error --output /dev/null --max-time 5 '${url}'`;
  return Array.from({ length: goodInARow }, () => ask).join(" && ");
};
