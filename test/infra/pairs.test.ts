import { describe, expect, test } from "vitest";
import { type Stack, stacksOf } from "../../infra/stacks.ts";
import { pairs } from "../simulation/pairs.ts";
import { problemsOf, statementsOf } from "./cloudformation.ts";
import { everyWitness } from "./pairs.ts";

/** A stack as osls compiles it, as far as references go: a function and its log group for each of `functions`. */
const compiled = ({ functions, resources }: Stack) => ({
  ...resources,
  Resources: {
    ...resources.Resources,
    ...Object.fromEntries(
      Object.entries(functions).flatMap(([id, { name, role, environment }]) => [
        [
          `${id}LambdaFunction`,
          {
            Type: "AWS::Lambda::Function",
            DependsOn: [`${id}LogGroup`],
            Properties: {
              FunctionName: name,
              Code: {},
              Role: { "Fn::GetAtt": [role, "Arn"] },
              Environment: { Variables: environment },
            },
          },
        ],
        [`${id}LogGroup`, { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: `/aws/lambda/${name}` } }],
      ]),
    ),
  },
});

/** Sensors of a plan with every kind of witness. */
const sensors: Record<string, string[]> = {
  "us-east-1": ["eu-north-1", "us-east-1"],
  "us-west-2": ["eu-north-1", "us-west-2"],
  "eu-west-1": ["eu-north-1", "eu-west-1", "us-east-1", "us-west-2"],
};

describe.each(pairs)("from $primary to $recovery", (regions) => {
  const plan = everyWitness(regions);
  const stacks = stacksOf(plan, { approvalPage: true });
  const { primary, recovery } = regions;

  test("what runs need comes first, what starts them last, and no Region has a stack twice", () => {
    expect(stacks.map(({ role, region }) => `${role} ${region}`)).toEqual([
      ...[`controller ${recovery}`, `controller ${primary}`, `switch ${recovery}`, `plan ${recovery}`],
      ...sensors[primary]!.map((region) => `sensor ${region}`),
    ]);
    const names = stacks.map(({ stackName, region }) => `${stackName} ${region}`);
    expect(new Set(names).size).toBe(names.length);
    const folders = stacks.map(({ role, region }) => `${role}-${region}`);
    expect(new Set(folders).size).toBe(folders.length);
  });

  test.each(stacks)("$role in $region passes CloudFormation's resource schema", (stack) => {
    expect(problemsOf(compiled(stack))).toEqual([]);
  });

  test("no name is given twice in a Region", () => {
    const key =
      /^(FunctionName|RoleName|QueueName|AlarmName|DashboardName|StateMachineName|TableName|BucketName|Name)$/;
    const named = stacks.flatMap(({ region, resources, functions }) => [
      ...Object.values(functions).map(({ name }) => `${region} function ${name}`),
      ...Object.values(resources.Resources)
        .filter(({ Type }) => Type !== "AWS::Lambda::Permission" && Type !== "AWS::Lambda::EventInvokeConfig")
        .flatMap(({ Type, Properties }) =>
          Object.entries(Properties).flatMap(([property, value]) =>
            key.test(property) && !/RecordSet$|StateMachineAlias$/.test(Type)
              ? [`${region} ${Type} ${JSON.stringify([Properties.GroupName, value])}`]
              : [],
          ),
        ),
    ]);
    expect(named.filter((name, index) => named.indexOf(name) !== index)).toEqual([]);
  });

  test("each alarm and each issue of AWS Health that detect waits for is sent from where it appears, once", () => {
    const rule = (role: string, region: string, id: string) =>
      stacks.find((one) => one.role === role && one.region === region)?.resources.Resources[id];
    type Pattern = { region: string[] };
    for (const what of ["Alarms", "Health", "Snapshots"]) {
      const { region: awaited } = rule("plan", recovery, `${what}In`)!.Properties.EventPattern as Pattern;
      const sending = sensors[primary]!.filter((region) => rule("sensor", region, `${what}Out`));
      expect([...awaited].filter((region) => region !== recovery).sort(), what).toEqual(sending);
    }
  });

  test("rules take events of the own account only, each with its source fixed", () => {
    const rules = stacks.flatMap(({ resources }) =>
      Object.values(resources.Resources).filter(({ Type }) => Type === "AWS::Events::Rule"),
    );
    expect(rules.length).toBeGreaterThan(6);
    for (const { Properties } of rules) {
      const { account, source } = Properties.EventPattern as { account: unknown; source: string[] };
      expect(account).toEqual([{ Ref: "AWS::AccountId" }]);
      expect(source).toHaveLength(1);
      expect(source[0]).toMatch(/^aws\./);
    }
    expect(JSON.stringify(stacks)).not.toContain("AWS::Events::EventBusPolicy");
  });

  test("every queue that something goes into in the two Regions has an alarm, and every alarm tells somebody, in its own Region", () => {
    const queuesWatched = stacks.flatMap(({ region, resources }) =>
      Object.values(resources.Resources).flatMap(({ Properties }) =>
        Properties.Namespace === "AWS/SQS"
          ? (Properties.Dimensions as { Value: string }[]).map(({ Value }) => `${region} ${Value}`)
          : [],
      ),
    );
    for (const { role, region, resources } of stacks) {
      const of = (type: string) => Object.values(resources.Resources).filter(({ Type }) => Type === type);
      const alarms = of("AWS::CloudWatch::Alarm").map(({ Properties }) => Properties);
      for (const { Properties } of of("AWS::SQS::Queue"))
        if (region === recovery || (region === primary && role !== "controller"))
          expect(queuesWatched).toContain(`${region} ${Properties.QueueName}`);
      // the alarm of a health check has no vote and tells nobody: its change is an event, which makes detect look
      const telling = alarms.filter(({ AlarmName }) => !String(AlarmName).startsWith("lifeboat-check-"));
      for (const { AlarmName, AlarmActions } of telling) expect(AlarmActions, String(AlarmName)).not.toEqual([]);
      const told = alarms.flatMap(
        ({ AlarmActions = [], OKActions = [] }) => [AlarmActions, OKActions].flat() as string[],
      );
      for (const topic of told) expect(topic.split(":")[3]).toBe(region);
    }
  });

  test("no right reaches another Region, but for the table and the bus of the recovery Region", () => {
    const sensorStacks = stacks.filter(({ role }) => role === "sensor");
    const elsewhere = sensorStacks.flatMap(({ region, resources }) =>
      statementsOf(resources).flatMap(({ statement }) =>
        [statement.Resource].flat().flatMap((resource) => {
          const [, , service, of] = String(resource?.["Fn::Sub"] ?? "").split(/:(?![A-Z:])/);
          const there = of && /^[a-z]/.test(of) && of !== region;
          return there ? [`${service} ${of}`] : [];
        }),
      ),
    );
    expect([...new Set(elsewhere)].sort()).toEqual([`dynamodb ${recovery}`, `events ${recovery}`]);
  });
});
