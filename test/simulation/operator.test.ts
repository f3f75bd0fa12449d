import { readdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { program } from "../../cli/program.ts";
import type { Watch } from "../../functions/aws/calls/clients.ts";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import { createContext } from "../../functions/runtime/context.ts";
import { operatorStatements } from "../../infra/iam/people.ts";
import { authorize } from "../../simulator/iam/authorize.ts";
import { currentStep } from "../../simulator/machines/current-step.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { accountOf } from "../../terminal/account.ts";
import { createOutput } from "../../terminal/output.ts";
import type { Outside } from "../../terminal/outside.ts";
import { resolved, simulatedScope } from "../support/rights.ts";
import { matrixPlan } from "./play.ts";

const file = "test/simulation/two-servers.yml";
const plan = {
  ...matrixPlan("failover"),
  notify: { topics: ["arn:aws:sns:eu-central-1:111122223333:lifeboat"], on: [] },
};
const scope = simulatedScope(plan);

/** Each command loads its module when it is called: real I/O, during which virtual time would run on. */
beforeAll(async () => {
  for (const name of readdirSync("cli")) if (name !== "main.ts") await import(`../../cli/${name}`);
});
const home = plan.regions.recovery;
const policy = resolved(operatorStatements(scope), home);
const region = ["--region", home];

/** All that people on call type, one after the other, on a quiet day that ends with a failover. */
const commands = [
  ["check", "--online", file],
  ["status", file],
  ["pause", file, "--reason", "maintenance"],
  ["resume", plan.application, ...region],
  ["replicate", file],
  ["replicate", file, "--dry-run"],
  ["rotate", file, "--yes"],
  ["rekey", file, "--yes"],
  ["failover", file],
  ["follow", plan.application, ...region],
  ["abort", plan.application, ...region, "--yes", "--reason", "enough"],
  ["failover", file, "--reason", "a drill"],
  ["withhold", plan.application, ...region],
  ["failover", file],
  ["approve", plan.application, ...region],
  ["acknowledge", file],
];

/** The simulated machines keep no history that could be asked for: how far a run is nobody hears here. */
const noHistory: Watch = async (call, next) =>
  call.operation === "GetExecutionHistory" ? { output: { $metadata: {}, events: [] }, response: {} } : next();

/** The command line of somebody whose role has the operator's policy. */
const outsideOf = ({ placeOf }: Environment): Outside => ({
  contextOf: (_plan, { watches = [] }) => createContext(placeOf(home, home, null).outside([...watches, noHistory])),
  accountOf,
  ask: async () => null,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  onInterrupt: () => () => undefined,
  user: () => "ann",
});

/** Granted, and called by none of these: why. */
const notCalled: Record<string, string> = {
  "cloudwatch:DescribeAlarms": "only with a witness that is an alarm: test/online/check-witnesses.test.ts",
  "ec2:GetInstanceMetadataDefaults": "only of servers that take IMDSv1",
  "elasticloadbalancing:DescribeTargetGroups": "only with target groups: test/online/check-online.test.ts",
  "iam:GetInstanceProfile": "only where the plan names a profile: test/moto/ready.test.ts",
  "route53:ListHealthChecks": "only where a record has no health check yet: test/cli/check-ready.test.ts",
  "route53:GetHostedZone": "only with a private zone",
  "sns:GetTopicAttributes": "only where the plan of the file has topics: test/online/check-online.test.ts",
  "states:GetExecutionHistory": "answered by the test itself",
  "iam:PassRole": "checked when RunInstances is given an instance profile",
  "route53:GetHealthCheckStatus": "only for a pair with an endpoint check",
  "route53-recovery-cluster:GetRoutingControlState": "only with routing controls",
};

test("the operator's policy lets every command do its work, and gives no right that none of them uses", async () => {
  const said: string[] = [];
  let denials: ReturnType<typeof authorize> = [];
  const stream = { isTTY: false, write: (text: string) => said.push(text) > 0 } as never;
  const scenario = toScenario(
    { name: "quiet", until: "8h", faults: [{ at: "7h", for: "1m", fault: "late-events", by: "1s" }] },
    "quiet",
    plan,
  );
  const story = await playStory({
    plan,
    scenario,
    seed: 1,
    run: null,
    began: (environment) => {
      denials = authorize(environment.world, ({ step }) => (step === "operator" ? policy : null));
      const type = async () => {
        for (const args of commands) {
          said.push(`> ${args.join(" ")}\n`);
          const run = program(args, createOutput(stream, stream, true), outsideOf(environment)).catch((error: Error) =>
            said.push(`${error.stack}`),
          );
          // a run that asks waits for the next line; nobody follows it that long
          await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 5 * 60_000))]);
          // close frees the lease of what was stopped within five
          if (args[0] === "abort") await new Promise((resolve) => setTimeout(resolve, 6 * 60_000));
          // what was withheld ends, with its lease, some seconds after the answer
          if (args[0] === "withhold") await new Promise((resolve) => setTimeout(resolve, 60_000));
        }
      };
      environment.world.after(4 * 3_600, () => void currentStep.run("operator", type));
    },
  });
  const made = story.world.journal.filter(({ step }) => step === "operator");
  expect(denials, said.join("")).toEqual([]);
  expect(said.join("")).not.toContain("AWS refused");
  // stopped, freed by close, withheld, and at last approved: the invariants hold on the way
  const moves = story.executions.filter(
    ({ machine, input }) =>
      machine === "failover" && !("proof" in (input as object)) && !("answer" in (input as object)),
  );
  expect(moves.map(({ status }) => status)).toEqual(["ABORTED", "FAILED", "SUCCEEDED"]);
  expect(resultOf(story).invariants.filter(({ held }) => !held)).toEqual([]);
  expect(stateOf(story.world, home, plan.application).row).toMatchObject({ active: home, phase: "failedOver" });
  const called = new Set(made.map(actionOfCall));
  const granted = new Set(policy.flatMap(({ actions }) => actions));
  expect([...granted].filter((action) => !called.has(action) && !notCalled[action]).sort()).toEqual([]);
  expect([...called].filter((action) => !granted.has(action))).toEqual([]);
});
