import { limits } from "../functions/core/limits.ts";
import { arnOf, type Fragment, ref, sub } from "./fragment.ts";
import { bucketName, functionName, pascalCase, tableName, userDataTableName } from "./names.ts";
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
          ...environmentOf[name],
        },
      },
    ]),
  );

/** What not every function is told. */
const environmentOf: Record<string, Record<string, unknown>> = {
  detect: { LIFEBOAT_FAILOVER_MACHINE: ref("FailoverMachineAlias") },
  wake: { LIFEBOAT_REPLICATE_MACHINE: ref("ReplicateMachineAlias") },
  snapshot: { LIFEBOAT_USER_DATA_TABLE: userDataTableName },
  launch: { LIFEBOAT_USER_DATA_TABLE: userDataTableName },
};

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

/** What could not be handled of what Lambda invokes by itself: detect's goes to a queue, wake's was worth seconds only. */
export const invocations = (): Fragment => ({
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
    WakeInvokeConfig: {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: {
        FunctionName: ref("WakeLambdaFunction"),
        Qualifier: "$LATEST",
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      },
    },
  },
});
