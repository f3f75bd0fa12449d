import { resourcesOf, statementsOf, type Template } from "../infra/cloudformation.ts";

/** US Dollars a month of what costs while nothing happens: prices of us-east-1, as in docs/deploy.md. */
const prices: Record<string, number> = {
  "AWS::CloudWatch::Alarm": 0.1,
  "AWS::KMS::Key": 1,
  "AWS::Route53::HealthCheck": 0.5,
};

/** A row for each stack: what it makes, what that costs as it stands there, and what its roles may call. */
export const accountTable = (
  stacks: { role: string; region: string; stackName: string }[],
  templates: Map<string, Template>,
) => {
  const rows = stacks.map(({ role, region, stackName }) => {
    const template = templates.get(`${role}-${region}`)!;
    const types = Object.values(template.Resources).map(({ Type }) => Type as string);
    const costs = types.reduce((sum, type) => sum + (prices[type] ?? 0), 0);
    return {
      name: `\`${stackName}\``,
      region,
      total: types.length,
      made: madeOf(template),
      costs,
      rights: rightsOf(template),
    };
  });
  const sum = <K extends "total" | "costs">(key: K) => rows.reduce((all, row) => all + row[key], 0);
  return [
    "| stack | Region | resources | of these | a month | its roles may call |",
    "|---|---|---|---|---|---|",
    ...rows.map(
      ({ name, region, total, made, costs, rights }) =>
        `| ${[name, region, total, made, dollars(costs), rights].join(" | ")} |`,
    ),
    `| **all ${rows.length}** | | **${sum("total")}** | | **${dollars(sum("costs"))}** | |`,
  ].join("\n");
};

const dollars = (amount: number) => `$${amount.toFixed(2)}`;

const kinds: [string, string][] = [
  ["AWS::Lambda::Function", "functions"],
  ["AWS::IAM::Role", "roles"],
  ["AWS::Logs::LogGroup", "logs"],
  ["AWS::StepFunctions::StateMachine", "machines"],
  ["AWS::DynamoDB::Table", "tables"],
  ["AWS::S3::Bucket", "buckets"],
  ["AWS::SQS::Queue", "queues"],
  ["AWS::Events::Rule", "rules"],
  ["AWS::Scheduler::Schedule", "schedules"],
  ["AWS::CloudWatch::Alarm", "alarms"],
  ["AWS::KMS::Key", "keys"],
  ["AWS::Route53::HealthCheck", "health checks"],
];
const madeOf = (template: Template) =>
  kinds
    .map(([type, name]): [number, string] => [resourcesOf(template, type).length, name])
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${count === 1 ? name.replace(/s$/, "") : name}`)
    .join(", ");

/** Services with the number of their actions that some role of the stack is allowed. */
const rightsOf = (template: Template) => {
  const actions = new Set(
    statementsOf(template)
      .filter(({ statement }) => statement.Effect === "Allow")
      .flatMap(({ statement }) => [statement.Action ?? []].flat() as string[]),
  );
  const services = [...new Set([...actions].map((action) => action.split(":")[0]!))].sort();
  return (
    services
      .map((service) => `${service} ${[...actions].filter((one) => one.startsWith(`${service}:`)).length}`)
      .join(", ") || "–"
  );
};
