import { bucketName, functionName, tableName, userDataTableName } from "../functions/core/deployed-names.ts";
import { approvalPageStep, pageConcurrency } from "./approval-page.ts";
import { arnOf, type Fragment, ref, sub } from "./fragment.ts";
import { permissions } from "./iam/permissions.ts";
import { lambda } from "./lambda.ts";
import { lookEnvironment } from "./looks.ts";
import { aliasArn, pascalCase } from "./names.ts";
import { sensorStepNames } from "./sensor-functions.ts";

/** What a deployment may have beside what every one has. `reserveDetect`: share of Lambda that nobody else may take. */
export type Options = { approvalPage: boolean; reserveDetect?: boolean };

/** Looks at once, where some are reserved: applications look in the same minute, and a look at a silent Region takes half of it. */
export const detectConcurrency = 20;

/** Names of the functions of a controller: all that a sensor has not; the page only where it is wanted. */
export const stepsOf = ({ approvalPage }: Options) =>
  Object.keys(permissions).filter(
    (name) => !sensorStepNames.includes(name) && (approvalPage || name !== approvalPageStep),
  );

/** The `functions` of serverless.yml: osls makes Lambda functions and log groups of them. */
export const functions = (options: Options) =>
  Object.fromEntries(
    stepsOf(options).map((name) => [
      pascalCase(name),
      {
        ...lambda(name, functionName(name), {
          LIFEBOAT_TABLE: tableName,
          LIFEBOAT_BUCKET: sub(bucketName),
          ...environmentOf(options)[name],
        }),
        ...(name === approvalPageStep && { reservedConcurrency: pageConcurrency }),
        ...(name === "detect" && options.reserveDetect && { reservedConcurrency: detectConcurrency }),
      },
    ]),
  );

/** What not every function is told. */
const environmentOf = ({ approvalPage }: Options): Record<string, Record<string, unknown>> => {
  const page = approvalPage ? { LIFEBOAT_APPROVAL_URL: { "Fn::GetAtt": ["ApprovalPageUrl", "FunctionUrl"] } } : {};
  return {
    // by name: the machine needs ask, and ask needs the page's address
    [approvalPageStep]: { LIFEBOAT_ANSWER_MACHINE: sub(aliasArn("answer")) },
    ask: page,
    detect: { LIFEBOAT_FAILOVER_MACHINE: ref("FailoverMachineAlias"), ...lookEnvironment, ...page },
    // its account is that of its machines
    readiness: { LIFEBOAT_FAILOVER_MACHINE: ref("FailoverMachineAlias") },
    wake: { LIFEBOAT_REPLICATE_MACHINE: ref("ReplicateMachineAlias") },
    snapshot: { LIFEBOAT_USER_DATA_TABLE: userDataTableName },
    launch: { LIFEBOAT_USER_DATA_TABLE: userDataTableName },
  };
};

export const detectFailed = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:lifeboat-detect-failed";

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
