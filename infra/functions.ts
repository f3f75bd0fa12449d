import { limits } from "../functions/core/limits.ts";
import { arnOf, type Fragment, ref, sub } from "./fragment.ts";
import { bucketName, functionName, pascalCase, tableName } from "./names.ts";
import { permissions } from "./permissions.ts";
import { roleFor, type Statement } from "./policy.ts";

/** The `functions` of serverless.yml: osls makes Lambda functions and log groups of them. */
export const functions = () =>
  Object.fromEntries(
    Object.keys(permissions).map((name) => [
      pascalCase(name),
      {
        name: functionName(name),
        handler: "index.handler",
        role: `${pascalCase(name)}Role`,
        package: { artifact: `dist/${name}.zip` },
        timeout: limits.functionSeconds,
        memorySize: limits.functionMemoryMiB,
        environment: {
          LIFEBOAT_TABLE: tableName,
          LIFEBOAT_BUCKET: sub(bucketName),
          POWERTOOLS_LOG_LEVEL: "INFO",
          ...(name === "detect" && { LIFEBOAT_FAILOVER_MACHINE: ref("FailoverMachineAlias") }),
        },
      },
    ]),
  );

/** One role per function: what the code calls, its own log group, its traces, and the dead letters of detect. */
export const functionRoles = (): Fragment => ({
  Resources: Object.fromEntries(
    Object.entries(permissions).map(([name, statements]) => [
      `${pascalCase(name)}Role`,
      roleFor("lambda.amazonaws.com", [...statements, ...platform(name)], `${functionName(name)}-\${AWS::Region}`),
    ]),
  ),
});

/** What Lambda itself does in the function's name. */
const platform = (name: string): Statement[] => [
  {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [
      `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${functionName(name)}:*`,
    ],
  },
  { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
  ...(name === "detect"
    ? [
        {
          actions: ["sqs:SendMessage"],
          resources: ["arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:lifeboat-detect-failed"],
        },
      ]
    : []),
];

/** detect is the one function that is invoked asynchronously: what it could not handle goes to a queue. */
export const detectFailures = (): Fragment => ({
  Resources: {
    DetectInvokeConfig: {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: {
        FunctionName: ref("DetectLambdaFunction"),
        Qualifier: "$LATEST",
        MaximumRetryAttempts: 1,
        MaximumEventAgeInSeconds: 300,
        DestinationConfig: { OnFailure: { Destination: arnOf("DetectFailed") } },
      },
    },
  },
});
