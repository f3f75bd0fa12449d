import { limits } from "../limits.ts";
import type { FencedServer } from "./facts.ts";
import type { FenceVerdict } from "./judge-fence.ts";
import type { FenceOutcome } from "./outcome.ts";
import type { FenceRecord } from "./undo-log.ts";
import { type FenceChanges, fenceChanges } from "./unfence-summary.ts";

/** What Fence returns, and writes to the ledger. */
export type FenceResult = {
  /** False while servers shut down, or `required` waits for the source: the step is run again after `waitSeconds`. */
  done: boolean;
  polls: number;
  waitSeconds: number;
  /** First pass, ISO 8601. */
  since: string;
  fenced: boolean;
  at: string;
  sourceAnswered: boolean;
  servers: FencedServer[];
  because: string;
} & FenceChanges;

/** `records`: the undo log after the pass; `by`: the run. */
export const summarizeFence = (
  { servers, answered }: FenceOutcome,
  { action, fenced, because }: FenceVerdict,
  records: FenceRecord[],
  { by, polls, since, now }: { by: string; polls: number; since: Date; now: Date },
): FenceResult => ({
  done: action !== "wait",
  polls,
  waitSeconds: fenceWaitSeconds((now.getTime() - since.getTime()) / 1_000),
  since: since.toISOString(),
  fenced,
  at: now.toISOString(),
  sourceAnswered: answered,
  servers,
  because,
  ...fenceChanges(records, by),
});

/** A shutdown takes a minute, and users wait for it: it is polled often; one that hangs is polled less often. */
export const fenceWaitSeconds = (seconds: number): number =>
  seconds < limits.shutdownSeconds ? limits.pollSecondsMin : 10;

/** What to do after a failed fence. */
export const fenceHint = (region: string, { unstoppable }: FenceOutcome): string =>
  `${remediesOf(region, unstoppable) || "Stop the source's servers by hand, or change recover.fence in the plan."} Then start the failover again.`;

/** The commands that let EC2 stop these servers; "" when there are none. */
export const remediesOf = (region: string, unstoppable: { server: string; code: string }[]): string =>
  unstoppable
    .map(({ server, code }) => {
      const how = `--region ${region} --instance-id`;
      if (code === "OperationNotPermitted")
        return `aws ec2 modify-instance-attribute ${how} ${server} --no-disable-api-stop`;
      const end = `aws ec2 terminate-instances ${how}s ${server}`;
      return code === "UnsupportedOperation" ? `${end} (a one-time Spot Instance is never stopped)` : "";
    })
    .filter(Boolean)
    .map((command) => `Run ${command}.`)
    .join(" ");
