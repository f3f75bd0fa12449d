import { limits } from "../functions/core/limits.ts";
import { runScript } from "../infra/script.ts";
import { stacksOf } from "../infra/stacks.ts";
import type { CallRecord } from "../simulator/kernel.ts";
import { toScenario } from "../simulator/scenario/scenario.ts";
import { playStory } from "../simulator/story/story.ts";
import { readPlanOrThrow } from "../terminal/plan-file.ts";

/**
 * What the controller of a plan costs a month while nothing fails. What it calls is counted in a
 * simulated day, what it has in its templates; the rest is arithmetic by the prices of us-east-1. Free tiers are left out, but for
 * those that stand in the table. Writes the table of docs/deploy.md. Lambda's time is that of its calls alone: neither its own
 * CPU time nor its cold starts are simulated.
 */
const script = {
  name: "bench:rest",
  does: "What the controller of a plan costs a month while nothing fails, simulated. Writes the table of docs/deploy.md.",
  options: {},
  rest: "PLAN",
};

await runScript(script, async ({ rest }, { out }) => {
  const [file = "examples/web-shop.yml"] = rest;
  const plan = readPlanOrThrow(file);
  const [witness] = plan.detect.witnesses;
  const calm = { at: "24h", for: "1m", fault: "witness", name: witness!.name, state: "healthy" };
  const scenario = toScenario({ name: "at rest", until: "25h", faults: [calm] }, "at rest", plan);
  let published: { at: number; name: string; dimensions: Record<string, string> }[] = [];
  const story = await playStory({
    plan,
    scenario,
    seed: 1,
    run: null,
    began: ({ metrics }) => {
      published = metrics;
    },
  });
  const { journal } = story.world;
  const from = Date.parse(journal[0]!.at);
  /** Of what was counted in the story, a month. */
  const perMonth = (count: number) => Math.round((count / ((story.endedAt - from) / 3_600_000)) * 720);

  const machines = Object.groupBy(story.executions, ({ machine }) => machine);
  const transitionsOf = (machine: string) =>
    perMonth((machines[machine as keyof typeof machines] ?? []).reduce((sum, { transitions }) => sum + transitions, 0));
  const transitions = Object.keys(machines).map((machine) => [machine, transitionsOf(machine)] as const);
  const moved = transitions.reduce((sum, [, count]) => sum + count, 0);
  const freeTransitions = 4_000;

  const requests = perMonth(story.spent.invocations);
  const gigabyteSeconds = perMonth((story.spent.milliseconds / 1_000) * (limits.functionMemoryMiB / 1_024));

  /** Items that a call reads or writes, one unit each: manifests and rows are below 1 KB. */
  const itemsOf = ({ operation, input }: CallRecord): number => {
    const requested = input.RequestItems as Record<string, { Keys?: unknown[] } & unknown[]> | undefined;
    if (operation === "BatchGetItem")
      return Object.values(requested ?? {}).reduce((sum, one) => sum + (one.Keys?.length ?? 0), 0);
    if (operation === "BatchWriteItem") return Object.values(requested ?? {}).reduce((sum, one) => sum + one.length, 0);
    return 1;
  };
  const dynamo = journal.filter(({ service }) => service === "DynamoDB");
  const units = (mutating: boolean) =>
    perMonth(dynamo.filter((call) => call.mutating === mutating).reduce((sum, call) => sum + itemsOf(call), 0));
  const [reads, writes] = [units(false), units(true)];

  /** A metric costs by the hours in which it is sent. */
  const metricHours = new Set([
    ...published.map(
      ({ at, name, dimensions }) => `${name} ${JSON.stringify(dimensions)} ${Math.floor(at / 3_600_000)}`,
    ),
    ...journal
      .filter(({ operation }) => operation === "PutMetricData")
      .flatMap(({ at, input }) =>
        (input.MetricData as { MetricName: string }[]).map(
          ({ MetricName }) => `${MetricName} ${Math.floor(Date.parse(at) / 3_600_000)}`,
        ),
      ),
  ]);
  const metrics = perMonth(metricHours.size) / 720;

  const resources = stacksOf(plan).flatMap(({ resources: { Resources } }) => Object.values(Resources ?? {}));
  const has = (type: string) => resources.filter((one) => (one as { Type: string }).Type === type).length;
  /** One event for each source snapshot that ended crosses the Regions. */
  const events = perMonth(journal.filter(({ operation }) => operation === "CopySnapshot").length);
  const rows: [string, string, number][] = [
    ["alarms", `${has("AWS::CloudWatch::Alarm")} × $0.10`, has("AWS::CloudWatch::Alarm") * 0.1],
    ["custom metrics", `${metrics.toFixed(1)} × $0.30`, metrics * 0.3],
    ["keys of user data", `${has("AWS::KMS::Key")} × $1.00`, has("AWS::KMS::Key")],
    ["health checks", `${has("AWS::Route53::HealthCheck")} × $0.50`, has("AWS::Route53::HealthCheck") * 0.5],
    [
      "Lambda",
      `${requests} requests × $0.20/M + ${gigabyteSeconds} GB-s × $0.0000133334`,
      requests * 0.2e-6 + gigabyteSeconds * 0.0000133334,
    ],
    [
      "Step Functions",
      `transitions of ${transitions.map(([machine, count]) => `${machine} ${count}`).join(", ")}, less ${freeTransitions} free, × $0.025/1,000`,
      (Math.max(0, moved - freeTransitions) * 0.025) / 1_000,
    ],
    ["DynamoDB", `${reads} reads × $0.125/M + ${writes} writes × $0.625/M`, reads * 0.125e-6 + writes * 0.625e-6],
    ["EventBridge", `${events} events from the primary Region × $1.00/M`, events * 1e-6],
  ];
  out("| item | arithmetic | a month |\n|---|---|---|");
  for (const [item, arithmetic, dollars] of rows) out(`| ${item} | ${arithmetic} | $${dollars.toFixed(2)} |`);
  out(`| **the controller** | | **$${rows.reduce((sum, [, , dollars]) => sum + dollars, 0).toFixed(2)}** |`);
  const { length: passes } = machines.replicate ?? [];
  out(`\n${Math.round(transitionsOf("replicate") / perMonth(passes))} transitions a pass`);
});
