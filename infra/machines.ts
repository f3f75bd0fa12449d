import { readdirSync, readFileSync } from "node:fs";
import { machineAlias, machineName } from "../functions/core/deployed-names.ts";
import { arnOf, type Fragment, merge, ref } from "./fragment.ts";
import { roleFor, type Statement } from "./iam/policy.ts";
import { functionArn, kebabCase, pascalCase } from "./names.ts";

const folder = new URL("../statemachines/", import.meta.url);

export type Machine = { name: string; definition: Record<string, unknown>; placeholders: string[] };

/** Every machine of `statemachines/`, with the `${…}` placeholders of its definition. */
export const readMachines = (): Machine[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".asl.json"))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      const placeholders = [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!))].sort();
      return { name: file.slice(0, -".asl.json".length), definition: JSON.parse(text), placeholders };
    });

/** The file of the function that `${LoadPlanFunctionArn}` stands for: `load-plan`. */
export const functionOfPlaceholder = (placeholder: string) => kebabCase(placeholder.replace(/FunctionArn$/, ""));

/** State machines with a version of each revision and the alias that executions start through. */
export const machines = (): Fragment => merge(...readMachines().map(machine));

const machine = ({ name, definition, placeholders }: Machine): Fragment => {
  const id = pascalCase(name);
  const steps = placeholders.map(functionOfPlaceholder);
  const substitutions = placeholders.map((placeholder) => [
    placeholder,
    arnOf(`${pascalCase(functionOfPlaceholder(placeholder))}LambdaFunction`),
  ]);
  return {
    Resources: {
      [`${id}Machine`]: {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: {
          StateMachineName: machineName(name),
          StateMachineType: "STANDARD",
          // as text, for CloudFormation knows no null, and "ResultPath": null means something
          DefinitionString: JSON.stringify(definition),
          DefinitionSubstitutions: Object.fromEntries(substitutions),
          RoleArn: arnOf(`${id}MachineRole`),
          TracingConfiguration: { Enabled: true },
          LoggingConfiguration: {
            Level: "ERROR",
            IncludeExecutionData: false,
            Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: arnOf(`${id}MachineLog`) } }],
          },
        },
      },
      [`${id}MachineVersion`]: {
        Type: "AWS::StepFunctions::StateMachineVersion",
        Properties: {
          StateMachineArn: ref(`${id}Machine`),
          StateMachineRevisionId: { "Fn::GetAtt": [`${id}Machine`, "StateMachineRevisionId"] },
        },
      },
      [`${id}MachineAlias`]: {
        Type: "AWS::StepFunctions::StateMachineAlias",
        Properties: {
          Name: machineAlias,
          RoutingConfiguration: [{ StateMachineVersionArn: ref(`${id}MachineVersion`), Weight: 100 }],
        },
      },
      [`${id}MachineLog`]: {
        Type: "AWS::Logs::LogGroup",
        Properties: { LogGroupName: `/aws/vendedlogs/states/${machineName(name)}`, RetentionInDays: 30 },
      },
      [`${id}MachineRole`]: roleFor(
        "states.amazonaws.com",
        [{ actions: ["lambda:InvokeFunction"], resources: steps.map(functionArn) }, ...observed],
        `${machineName(name)}-machine-\${AWS::Region}`,
      ),
    },
    Outputs: { [`${id}Machine`]: { Value: ref(`${id}MachineAlias`) } },
  };
};

/** Tracing and log delivery know no resource-level permissions. [SFN:cw-logs] */
const observed: Statement[] = [
  {
    actions: [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ],
    resources: ["*"],
  },
];
