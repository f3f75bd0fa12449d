import { ScriptError } from "../arguments.ts";
import type { Stack } from "../stacks.ts";

/** Of all inline policies of a role together, without white space. [IAM:reference_iam-quotas] */
const charactersMax = 10_240;

/**
 * Throws ScriptError for a role that IAM would not take, before anything is made: what has to be named one by one, as the roles
 * that servers may get and the documents of the plans, has no shorter form that would not give more.
 */
export const refuseTooLong = (stacks: Stack[]): void => {
  for (const { stackName, region, resources } of stacks)
    for (const [id, { Type, Properties }] of Object.entries(resources.Resources)) {
      const size = Type === "AWS::IAM::Role" ? sizeOf(Properties.Policies) : 0;
      if (size <= charactersMax) continue;
      throw new ScriptError(
        `${id} of ${stackName} in ${region} would have ${size} characters of policy: IAM takes ${charactersMax}`,
        "Name fewer roles of servers, as by how their names begin (--instance-role 'apps/shop-*'), or fewer SSM documents, or keep some plans in other Regions.",
      );
    }
};

/** As CloudFormation fills it in; a long Region, and more than any ARN of ours for what it knows only then. */
const sizeOf = (policies: unknown): number =>
  ((policies ?? []) as { PolicyDocument: unknown }[]).reduce(
    (sum, { PolicyDocument }) => sum + filledIn(JSON.stringify(PolicyDocument)).replace(/\s/g, "").length,
    0,
  );

const filledIn = (text: string) =>
  text
    .replace(/\{"Fn::Sub":("(?:[^"\\]|\\.)*")\}/g, "$1")
    .replace(/\{"Fn::GetAtt":\[[^\]]*\]\}/g, `"${"x".repeat(100)}"`)
    .replaceAll("${AWS::Partition}", "aws")
    .replaceAll("${AWS::AccountId}", "111122223333")
    .replaceAll("${AWS::Region}", "ap-southeast-2")
    .replace(/\$\{\w+\.Arn\}/g, "x".repeat(100));
