import { commandLine } from "../command-line.ts";
import type { Question } from "../model/approval-request.ts";
import type { Plan } from "../model/plan.ts";

/** The approval request for the on-call engineer: what happened, what is asked, how to answer, and what happens without an answer. */
export const approvalMessage = (
  { application, regions, priority }: Pick<Plan, "application" | "regions" | "priority">,
  question: Question,
  page: string | null,
): { subject: string; text: string } => {
  const { run, execution, code, because, until } = question;
  const { primary, recovery } = regions;
  return {
    subject: `Lifeboat: ${application}: approval needed: fail over to ${recovery}? (${code})`,
    text: [
      `Approval needed: fail over ${application} (priority ${priority}) from ${primary} to ${recovery}? (run ${run})`,
      "",
      `${code}: ${because}`,
      "",
      ...replyCommands(application, recovery),
      `Status:   ${commandLine("status", application, recovery)}`,
      ...(page ? [`Web page: ${page}`] : []),
      ...consoleLines("approve", application, execution, recovery),
      "",
      `Answer by ${until}. ${deadlineSentence(question)}`,
      `Waiting run: ${executionLink(execution)}`,
      "",
    ].join("\n"),
  };
};

/** The two answers as whole commands. */
export const replyCommands = (application: string, region: string) => [
  `Approve:  ${commandLine("approve", application, region)}`,
  `Reject:   ${commandLine("withhold", application, region)}`,
];

/** How to answer in the console; `arn` is that of the machine or of an execution of it. */
export const consoleLines = (what: string, application: string, arn: string, region: string) => [
  `Console:  to ${what}, start ${machineOf(arn)} (alias live) in ${region} with the input`,
  `          { "application": "${application}", "approve": true }`,
];

/** What the run does when nobody answers. */
export const deadlineSentence = ({ otherwise }: Pick<Question, "otherwise">) =>
  otherwise === "act"
    ? "If nobody answers by then, the failover proceeds if the Region still looks unhealthy."
    : "If nobody answers by then, the run stops and nothing is changed.";

/** Page of an execution in the console of its own Region, which does not need another one. */
export const executionLink = (arn: string) => `${statesOf(arn)}#/v2/executions/details/${arn}`;
/** The same of a machine, whose ARN may name an alias. */
export const machineLink = (arn: string) =>
  `${statesOf(arn)}#/statemachines/view/${arn.split(":").slice(0, 7).join(":")}`;
const statesOf = (arn: string) => {
  const [, partition, , region] = arn.split(":");
  const host = [region, "console", domains[partition ?? ""] ?? "aws.amazon.com"].join(".");
  return `https://${host}/states/home?region=${region}`;
};
const domains: Record<string, string> = { "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com" };

const machineOf = (arn: string) => arn.split(":")[6] ?? "lifeboat-failover";
