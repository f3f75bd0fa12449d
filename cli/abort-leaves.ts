import type { Question } from "../functions/core/model/approval-request.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Row } from "../functions/core/model/row.ts";

/** What an execution leaves behind that is stopped now, and what the next one does about it, a sentence each. `states`: of its ledger. */
export const abortLeaves = (
  { run, protect, active }: Row,
  { regions }: Pick<Plan, "regions">,
  states: string[],
  call: string,
  question: Question | null,
): string[] => {
  if (!run) return protect ? ofPass : ofRotation;
  const { primary, recovery } = regions;
  const moved = active === recovery;
  return [
    ...(question
      ? [`- It waits for approval: lifeboat withhold ${call} rejects the request, and nothing is changed.`]
      : []),
    moved
      ? `- Traffic already goes to ${recovery}, or is being switched there. Stopping the run does not send users back; the switch stays at ${recovery}.`
      : `- Users stay in ${active}: traffic has not been switched.`,
    states.includes("Launch")
      ? `- The servers that it launched in ${recovery} keep running and cost money. The next run uses those that match its recovery points and terminates the others.`
      : "- According to its ledger, it has launched no server.",
    states.includes("Fence")
      ? `- It has started to fence: servers in ${primary} may be stopped or isolated, and stay so. ${moved ? "They must stay so while another Region serves users." : `To serve users from there, start them by hand: the report names them.`}`
      : `- According to its ledger, it has fenced no server in ${primary}.`,
    moved
      ? `- If traffic has not moved, Lifeboat completes the failover automatically: lifeboat pause ${call} prevents that.`
      : `- Lifeboat does not start it again for the same incident. lifeboat failover ${call} starts it again; lifeboat pause ${call} prevents a start for other incidents.`,
    "- A step that is running now still completes. Then close reports the run and releases its lease.",
  ];
};

const ofPass = [
  "- Snapshots and copies in progress continue in AWS; the next pass finds them and continues. No recovery point is lost.",
  "- The next pass starts on schedule.",
];
const ofRotation = ["- Deleted snapshots stay deleted, the others are kept; the next rotation continues on schedule."];
