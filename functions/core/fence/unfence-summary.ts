import { modeOf } from "../model/mode.ts";
import type { Row } from "../model/row.ts";
import type { Run } from "../model/run.ts";
import type { ReportedError } from "../run/outcome.ts";
import type { FencedServer } from "./facts.ts";
import { type FenceRecord, recordsOf } from "./undo-log.ts";
import { isLost, type LeftServer, titleOf } from "./unfence.ts";

/** What a fence changed, and Unfence undoes: servers that it stopped, processes that it suspended, subnets whose ACL it replaced. */
export type FenceChanges = {
  stopped: string[];
  suspended: { group: string; processes: string[] }[];
  isolated: { subnet: string; formerAcl: string }[];
};

/** What `by` changed, as far as it is not undone. */
export const fenceChanges = (records: FenceRecord[], by: string): FenceChanges => {
  const own = records.filter((one) => one.by === by);
  return {
    stopped: recordsOf(own, "server")
      .flatMap(({ id, stopped }) => (stopped ? [id] : []))
      .sort(),
    suspended: recordsOf(own, "group").map(({ id, processes }) => ({ group: id, processes })),
    isolated: recordsOf(own, "subnet").map(({ id, formerAcl }) => ({ subnet: id, formerAcl })),
  };
};

type UnfenceFacts = {
  run: Run;
  row: Row | null;
  /** `servers`: as the fence last read them; absent when it died before. */
  fence: (Partial<FenceChanges> & { servers?: FencedServer[] }) | null;
  unfence: { started?: string[]; left?: LeftServer[]; held?: string[]; because: string } | null;
  unfenceError: ReportedError | null;
};

/** The servers that the fence stopped. `stopped`: those that an operator has to start; `hint` says how. */
export type UnfenceSummary = { started: string[]; stopped: string[]; because: string; hint: string };

/**
 * For the report: null when the fence did nothing, or the application moved and the fence is to stay. A server that the
 * fence read as running (EC2 did not stop it, or it is isolated) does not count as stopped.
 */
export const summarizeUnfence = ({ run, row, fence, unfence, unfenceError }: UnfenceFacts): UnfenceSummary | null => {
  const { stopped: fenced = [], suspended = [], isolated = [] } = fence ?? {};
  if (!modeOf(run).fences || row?.active !== run.source) return null;
  if (fenced.length + suspended.length + isolated.length === 0) return null;
  const started = unfence?.started ?? [];
  const ran = fence?.servers?.filter(({ state }) => notStopped.has(state)) ?? [];
  const settled = new Set([
    ...started,
    ...[...(unfence?.left?.filter(isLost) ?? []), ...ran].map(({ server }) => server),
  ]);
  const stopped = fenced.filter((server) => !settled.has(server));
  const isHeld = (title: string) => unfence?.held?.includes(title) ?? true;
  const reasons = [unfenceError ? `${unfenceError.name}: ${unfenceError.message}` : [], unfence?.because ?? []].flat();
  const here = `--region ${run.source}`;
  const ways = [
    ...isolated.flatMap(({ subnet, formerAcl }) =>
      isHeld(titleOf({ kind: "subnet", id: subnet })) ? [`give ${subnet} its network ACL ${formerAcl} again`] : [],
    ),
    ...(stopped.length > 0
      ? [`start the servers: aws ec2 start-instances ${here} --instance-ids ${stopped.join(" ")}`]
      : []),
    ...suspended.flatMap(({ group, processes }) =>
      isHeld(titleOf({ kind: "group", id: group }))
        ? [
            `then aws autoscaling resume-processes ${here} --auto-scaling-group-name ${group} --scaling-processes ${processes.join(" ")}`,
          ]
        : [],
    ),
  ];
  return {
    started,
    stopped,
    because: [
      ...(fence?.servers || unfence ? [] : [unread]),
      reasons.join("; ") || (run.unfenceOnFailure ? died : kept),
    ].join("; "),
    hint: ways.length > 0 ? `To serve from ${run.source} again: ${ways.join("; ")}` : "",
  };
};
const notStopped = new Set(["pending", "running", "isolated"]);
const unread = "the fence ended before it could read which servers have stopped";
const died = "the run ended before it could start the servers again";
const kept = "the plan keeps the fence when a run fails (recover.onFailure: hold)";
