import { commandLine } from "../command-line.ts";
import type { Question } from "../model/approval-request.ts";
import type { Plan } from "../model/plan.ts";

/** What a person reads who is woken by it: what happened, what is asked, each way to answer, and what happens without. */
export const questionMessage = (
  { application, regions, priority }: Pick<Plan, "application" | "regions" | "priority">,
  question: Question,
  page: string | null,
): { subject: string; text: string } => {
  const { run, execution, code, because, until } = question;
  const { primary, recovery } = regions;
  return {
    subject: `Lifeboat: ${application}: may it move to ${recovery}? (${code})`,
    text: [
      `${application} (priority ${priority}) waits for a person: may ${run} move it from ${primary} to ${recovery}?`,
      "",
      `${code}: ${because}`,
      "",
      ...answerLines(application, recovery),
      `Look:     ${commandLine("status", application, recovery)}`,
      ...(page ? [`By page:  ${page}`] : []),
      ...consoleLines("approve", application, execution, recovery),
      "",
      `Until ${until}. ${atTheDeadline(question)}`,
      `The run that waits: ${executionLink(execution)}`,
      "",
    ].join("\n"),
  };
};

/** The two answers as a person types them, whole. */
export const answerLines = (application: string, region: string) => [
  `Approve:  ${commandLine("approve", application, region)}`,
  `Withhold: ${commandLine("withhold", application, region)}`,
];

/** How to answer in the console; `arn` is that of the machine or of an execution of it. */
export const consoleLines = (what: string, application: string, arn: string, region: string) => [
  `Console:  to ${what}, start ${machineOf(arn)} (alias live) in ${region} with the input`,
  `          { "application": "${application}", "approve": true }`,
];

/** A sentence about what the run does when nobody answers. */
export const atTheDeadline = ({ otherwise }: Pick<Question, "otherwise">) =>
  otherwise === "act"
    ? "Without an answer it goes on then and fails over, if the witnesses still speak against the Region."
    : "Without an answer it stops then, and nothing is moved.";

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
