import { limits } from "../functions/core/limits.ts";
import type { Statement } from "./iam/policy.ts";
import { pascalCase } from "./names.ts";

/** One of the `functions` of serverless.yml: osls makes a Lambda function and its log group of it. */
export const lambda = (step: string, name: string, environment: Record<string, unknown>) => ({
  name,
  handler: "index.handler",
  role: `${pascalCase(step)}Role`,
  package: { artifact: `dist/${step}.zip` },
  timeout: limits.functionSeconds,
  memorySize: limits.functionMemoryMiB,
  environment: { ...environment, POWERTOOLS_LOG_LEVEL: "INFO" },
});

/** What Lambda itself does in a function's name: its own log, its traces, and the queue for what failed, if it has one. */
export const platform = (name: string, failures: string | null = null): Statement[] => [
  {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${name}:*`],
  },
  { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
  ...(failures ? [{ actions: ["sqs:SendMessage"], resources: [failures] }] : []),
];
