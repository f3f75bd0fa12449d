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
      ? [`- It waits for an answer: lifeboat withhold ${call} ends it in order, before it has moved anything.`]
      : []),
    moved
      ? `- The application has moved: users are on their way to ${recovery}, or there. Stopping brings nobody back, and the switch goes on to say ${recovery}.`
      : `- Users stay in ${active}: nothing has moved yet.`,
    states.includes("Launch")
      ? `- Servers that it has launched in ${recovery} go on running, and cost. The next run takes over those of its points, and removes the others.`
      : "- It has launched nothing, as far as its ledger says.",
    states.includes("Fence")
      ? `- It has begun to fence: servers in ${primary} may be stopped or isolated, and stay so. ${moved ? "They must, while users are elsewhere." : `Start them by hand if users are to be served there: its report names them.`}`
      : `- It has fenced nothing in ${primary}, as far as its ledger says.`,
    moved
      ? `- A move that traffic does not follow is gone on with by itself: lifeboat pause ${call} keeps that back.`
      : `- Nothing starts it again by itself, for the same incident; lifeboat failover ${call} does, and lifeboat pause ${call} keeps other incidents from it.`,
    "- A step that is at work just now still ends; close then reports the run and frees its lease.",
  ];
};

const ofPass = [
  "- Snapshots and copies that are on go on in AWS; the next pass finds them and goes on with them. No point is lost.",
  "- The next pass starts by the schedule.",
];
const ofRotation = ["- What it has deleted is gone, what it has not stays; the next rotation goes on by the schedule."];
