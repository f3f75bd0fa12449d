import { type CloudFormationResource, sub } from "../fragment.ts";

/** Resources are written for Fn::Sub. */
export type Statement = {
  actions: string[];
  resources: string[];
  condition?: Record<string, Record<string, string | string[]>>;
};

/** Everything that this service may be handed a role for, from this account only. */
export const roleFor = (
  service: string,
  statements: Statement[],
  name: string | null = null,
): CloudFormationResource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    ...(name && { RoleName: sub(name) }),
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { Service: service },
          ...(service !== "lambda.amazonaws.com" && {
            Condition: { StringEquals: { "aws:SourceAccount": sub("${AWS::AccountId}") } },
          }),
        },
      ],
    },
    Policies: [{ PolicyName: "lifeboat", PolicyDocument: policyDocument(statements) }],
  },
});

const policyDocument = (statements: Statement[]) => ({
  Version: "2012-10-17",
  Statement: statements.map(({ actions, resources, condition }) => ({
    Effect: "Allow",
    Action: actions,
    Resource: resources.map((resource) => (resource.includes("${") ? sub(resource) : resource)),
    ...(condition && { Condition: withSubs(condition) }),
  })),
});

const withSubs = (condition: NonNullable<Statement["condition"]>) =>
  JSON.parse(JSON.stringify(condition), (_, value) =>
    typeof value === "string" && value.includes("${") ? sub(value) : value,
  );
