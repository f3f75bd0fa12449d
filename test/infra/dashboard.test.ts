import fc from "fast-check";
import { expect, test } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { dashboard } from "../../infra/dashboard.ts";
import { planStack } from "../../infra/plan.ts";
import { aPlan, aResource } from "../support/builders.ts";

// biome-ignore lint/suspicious/noExplicitAny: a dashboard is JSON of any shape
type Json = any;

const values = { "AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "111122223333" };
/** The body as CloudFormation hands it to CloudWatch. */
const bodyOf = (plan: Plan): { widgets: Json[] } => {
  const { "Fn::Sub": text } = dashboard(plan).Resources.Dashboard!.Properties.DashboardBody as { "Fn::Sub": string };
  return JSON.parse(text.replace(/\$\{([^}]+)\}/g, (_, name: keyof typeof values) => values[name]));
};
const plan = aPlan({ protect: [aResource(), aResource({ name: "app" })] });
const titled = (given: Plan, part: string) =>
  bodyOf(given).widgets.find(({ properties }) => properties.title?.includes(part));

test("the page shows witnesses, verdict, switch, each resource beside its objective, copies, runs and alarms", () => {
  expect(bodyOf(plan).widgets.map(({ type, properties }) => properties.title ?? type)).toEqual([
    "text",
    "Alarms",
    "Witnesses: 1 unhealthy, 0.5 cannot tell; no data while healthy",
    "Verdict: 1 cannot tell, 2 disagree, 3 degraded, 4 application, 5 Region unhealthy; no data while healthy",
    "Switch: 1 = traffic goes to eu-central-1",
    "Failover permissions: seconds since the last proof",
    "Reasons why a failover would not work: lifeboat status lists them",
    "web: age of the newest recovery point, seconds",
    "web: failed copies",
    "app: age of the newest recovery point, seconds",
    "app: failed copies",
    "Runs that ended, of all applications",
    "Last runs of shop",
  ]);
  expect(titled(plan, "web: age").properties.annotations.horizontal).toEqual([
    { label: "objective", value: plan.objectives.rpoSeconds },
  ]);
});

test("a plan that protects nothing has no graphs of points, copies and passes", () => {
  const bare = { ...plan, protect: [] };
  expect(bodyOf(bare).widgets).toHaveLength(9);
  expect(JSON.stringify(titled(bare, "Runs"))).not.toContain("replicate");
});

test("the last runs are those of this application alone, as Report logs them", () => {
  const { query, region } = titled(plan, "Last runs").properties;
  expect(region).toBe("eu-central-1");
  expect(query).toBe(
    `SOURCE '/aws/lambda/lifeboat-report' | filter message = "reported" and application = "shop" | fields @timestamp, machine, run, outcome | sort @timestamp desc | limit 10`,
  );
});

test("every metric that an alarm of ours watches is on the page with the same dimensions", () => {
  const shown = bodyOf(plan)
    .widgets.flatMap(({ properties }) => properties.metrics ?? [])
    .map((metric: Json[]) => JSON.stringify(metric.filter((part) => typeof part === "string")));
  const watched = Object.values(planStack(plan).Resources).flatMap(({ Type, Properties }: Json) =>
    Type === "AWS::CloudWatch::Alarm" && Properties.Namespace === "Lifeboat"
      ? [
          [
            Properties.Namespace,
            Properties.MetricName,
            ...Properties.Dimensions.flatMap(({ Name, Value }: Json) => [Name, Value]),
          ],
        ]
      : [],
  );
  expect(watched.length).toBeGreaterThan(6);
  for (const one of watched) expect(shown).toContain(JSON.stringify(one));
});

test("the alarms that it shows are those of the plan stack", () => {
  const names = titled(plan, "Alarms").properties.alarms.map((arn: string) => arn.split(":alarm:")[1]);
  const made = Object.values(planStack(plan).Resources).flatMap(({ Type, Properties }) =>
    Type === "AWS::CloudWatch::Alarm" ? [Properties.AlarmName] : [],
  );
  expect(names.sort()).toEqual([...made, "lifeboat-takeover-shop"].sort());
  expect(titled(plan, "Alarms").properties.alarms[0]).toMatch(/^arn:aws:cloudwatch:eu-central-1:111122223333:alarm:/);
});

test("whatever the plan holds, the body is JSON, no widget leaves the grid or covers another, and 100 alarms are enough", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), (count) => {
      const protect = Array.from({ length: count }, (_, index) => aResource({ name: `tier-${index}` }));
      const { widgets } = bodyOf({ ...plan, protect });
      for (const [index, one] of widgets.entries()) {
        expect(one.x + one.width).toBeLessThanOrEqual(24);
        for (const other of widgets.slice(index + 1))
          expect(one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y).toBe(
            true,
          );
      }
      expect(widgets[1].properties.alarms.length).toBeLessThanOrEqual(100);
    }),
    { numRuns: 20 },
  );
});
