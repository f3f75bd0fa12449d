import { sensorKey, stormKey } from "../functions/aws/store/detect-items.ts";
import { tableName } from "../functions/core/deployed-names.ts";
import { homeOf, protectedOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { arnOf, type Fragment, merge, ref } from "./fragment.ts";
import { itemsOf } from "./iam/grants.ts";
import { permissionsOf } from "./iam/permissions.ts";
import { roleFor } from "./iam/policy.ts";
import { type Scope, scopeOf } from "./iam/scope.ts";
import { lambda, platform } from "./lambda.ts";
import { pascalCase } from "./names.ts";
import { timer } from "./timer.ts";

/** Files of the functions that run in sensors, and in no controller. */
export const sensorStepNames = ["guard", "sense"];

/** Each Region with a sensor sends its heartbeat; the guard stands where the application must not run twice. */
const stepsIn = ({ regions }: Plan, region: string) =>
  sensorStepNames.filter((step) => step !== "guard" || region === protectedOf({ regions }));

const nameOf = ({ application }: Plan, step: string) => `lifeboat-${application}-${step}`;

/** The `functions` of serverless.yml in a sensor. Their table is that of the recovery Region; reports they write none. */
export const sensorFunctions = (plan: Plan, region: string) =>
  Object.fromEntries(
    stepsIn(plan, region).map((step) => [
      pascalCase(step),
      lambda(step, nameOf(plan, step), {
        LIFEBOAT_TABLE: tableName,
        LIFEBOAT_HOME: homeOf(plan),
        LIFEBOAT_BUCKET: "-",
      }),
    ]),
  );

/** What the functions of a sensor need around them: a role each, a schedule each, a queue for what failed. */
export const sensorSteps = (plan: Plan, region: string): Fragment => {
  const { application } = plan;
  const steps = stepsIn(plan, region);
  const functionArns = steps.map((step) => `arn:\${AWS::Partition}:lambda:${here}:function:${nameOf(plan, step)}`);
  const unsent = `arn:\${AWS::Partition}:sqs:${here}:lifeboat-${application}-unsent`;
  return merge(
    {
      Resources: {
        Schedules: { Type: "AWS::Scheduler::ScheduleGroup", Properties: { Name: `lifeboat-${application}-sensor` } },
        SchedulesRole: roleFor("scheduler.amazonaws.com", [
          { actions: ["lambda:InvokeFunction"], resources: functionArns },
          { actions: ["sqs:SendMessage"], resources: [unsent] },
        ]),
      },
    },
    ...steps.map((step): Fragment => {
      const id = pascalCase(step);
      const own = sensorStatements(scopeOf(plan), plan, step, region);
      return {
        Resources: {
          [`${id}Role`]: roleFor("lambda.amazonaws.com", [...own, ...platform(nameOf(plan, step), unsent)]),
          [`${id}Schedule`]: timer({
            name: step,
            expression: "rate(1 minute)",
            target: arnOf(`${id}LambdaFunction`),
            input: { application },
            eventAgeSeconds: 60,
            deadLetters: "Unsent",
          }),
          [`${id}InvokeConfig`]: {
            Type: "AWS::Lambda::EventInvokeConfig",
            Properties: {
              FunctionName: ref(`${id}LambdaFunction`),
              Qualifier: "$LATEST",
              // the next minute comes sooner than a second try
              MaximumRetryAttempts: 0,
              MaximumEventAgeInSeconds: 60,
              DestinationConfig: { OnFailure: { Destination: arnOf("Unsent") } },
            },
          },
        },
      };
    }),
  );
};

const here = "${AWS::Region}:${AWS::AccountId}";

/**
 * What a function of a sensor may do. It knows its plan: it reads and writes the items of that one only, in the table of the
 * recovery Region; what sense writes has a key of its own, out of whose reach the row is. The guard acts in its own Region only.
 */
export const sensorStatements = (scope: Scope, { application, regions }: Plan, step: string, region: string) =>
  permissionsOf({ ...scope, regions: [region] })[step]!.flatMap((statement) => {
    const [table] = statement.resources;
    if (!table?.includes(":dynamodb:")) return [statement];
    const there = table.replace(":dynamodb:${AWS::Region}:", `:dynamodb:${homeOf({ regions })}:`);
    const of = (actions: string[], ...keys: string[]) => itemsOf({ actions, resources: [there] }, ...keys);
    if (step === "guard") return [of(statement.actions, application, sensorKey(application), stormKey.pk)];
    return [of(["dynamodb:GetItem"], application), of(["dynamodb:UpdateItem"], sensorKey(application))];
  });
