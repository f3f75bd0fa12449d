import { expect, test } from "vitest";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { createContext } from "../../functions/runtime/context.ts";
import { impliedOf } from "../../infra/iam/implied.ts";
import { actionsOf } from "../../infra/iam/permissions.ts";
import { kebabCase } from "../../infra/names.ts";
import type { Denial } from "../../simulator/iam/authorize.ts";
import { invariantsOf } from "../../simulator/invariants/invariants.ts";
import { isProof, runsOf } from "../../simulator/machines/runs.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { messagesOf } from "../../simulator/services/sns.ts";
import type { StoryOptions } from "../../simulator/story/played-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { underOurRoles } from "../support/rights.ts";
import { tiersPlan, tiersWorld } from "../support/tiers.ts";
import { matrixPlan } from "./play.ts";

const pair = matrixPlan("failover");
const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
// whatever the plan wants to hear of: this is told
const plan: Plan = { ...pair, notify: { topics: [topic], on: [] } };

/** A story in which the last proof is as old as this when it begins. */
const play = async (faults: object[], hoursOld: number, own: Plan = plan, world?: object) => {
  const scenario = toScenario({ name: "proof", faults, until: "2h", ...(world && { world }) }, "proof", own);
  let denials: Denial[] = [];
  const began: StoryOptions["began"] = (environment) => {
    const { placeOf } = environment;
    denials = underOurRoles(environment);
    const { recovery } = own.regions;
    const { store } = createContext(placeOf(recovery, recovery, null).outside([]));
    const at = new Date(Date.now() - hoursOld * 3_600_000).toISOString();
    void store.saveProof(own.application, { ...unproven(at), at, provenAt: at });
  };
  const story = await playStory({ plan: own, scenario, seed: 1, run: null, began });
  const proofs = story.executions.filter(isProof);
  const told = messagesOf(story.world)
    .map(({ subject, message }) => ({ subject, message }))
    .filter(({ subject }) => !subject?.startsWith("OK: "));
  return { story, proofs, told, denials, broken: invariantsOf(story).filter(({ held }) => !held) };
};
/** Due when the first points are there. */
const soonDue = 23.5;
const missing = (action: string, rest: object = {}) => ({ at: "-30m", fault: "right-missing", action, ...rest });

test("a dry failover goes through the real machine, holds no lease, changes nothing, and is no run", async () => {
  const { story, proofs, told, broken, denials } = await play(
    [{ at: "-30m", fault: "late-events", by: "1s" }],
    soonDue,
  );
  expect(denials).toEqual([]);
  expect(proofs.map(({ status }) => status)).toEqual(["SUCCEEDED"]);
  const [proof] = proofs;
  expect(proof!.invocations.map(({ state }) => state)).toEqual([
    ...["LoadPlan", "AcquireLease", "Preflight", "LossGate", "Ask", "Consider", "Launch", "CheckProgress", "Attach"],
    ...["Verify", "JudgeWave", "Fence", "Reroute", "Gate", "VerifyTraffic", "Report", "Release"],
  ]);
  const made = story.world.journal.filter(({ machine, mutating }) => machine === "failover" && mutating);
  expect([...new Set(made.map(({ service, operation }) => `${service} ${operation}`))].sort()).toEqual([
    "Auto Scaling SuspendProcesses",
    "CloudWatch PutMetricData",
    "DynamoDB BatchWriteItem",
    "DynamoDB PutItem",
    "DynamoDB UpdateItem",
    "S3 PutObject",
    "SFN SendTaskSuccess",
  ]);
  const items = made.filter(({ service }) => service === "DynamoDB").map(({ input }) => JSON.stringify(input));
  expect(items.filter((input) => !/"sk":\{"S":"proof[#"]/.test(input))).toEqual([]);
  expect(runsOf(story.executions)).toEqual([]);
  expect([told, broken]).toEqual([[], []]);
});

/** What no call tries that changes nothing, or what a failover does only after an earlier one. */
const untried = [
  ...["preflight states:DescribeExecution", "launch states:DescribeExecution", "launch ec2:TerminateInstances"],
  ...["acquire-lease states:DescribeExecution", "launch ec2:DeregisterImage", "load-plan dynamodb:Query"],
  ...["attach ec2:ModifyInstanceAttribute", "ask sns:Publish", "report sns:Publish"],
  ...["preflight route53-recovery-cluster:GetRoutingControlState", "preflight route53:GetHealthCheckStatus"],
  "preflight ec2:DescribeImages",
  // of servers with IMDSv1, and of volumes with tags of their own: without it a warning, or the tags, are missing
  ...["preflight ec2:GetInstanceMetadataDefaults", "attach ec2:DescribeInstances"],
  ...["reroute route53-recovery-cluster:GetRoutingControlState"],
  "reroute route53-recovery-cluster:UpdateRoutingControlStates",
  ...[
    "verify ssm:ListCommandInvocations",
    "verify-traffic ssm:GetCommandInvocation",
    "verify ec2:DescribeVolumeStatus",
  ],
];

test("every right of a role on the way is tried by some plan, or there is no way to", async () => {
  const quiet = [{ at: "-30m", fault: "late-events", by: "1s" }];
  const tiers = tiersPlan();
  const [db, app] = tiers.protect as unknown as [Resource, Resource];
  const whole = { ...db, verify: { ...db.verify!, initialized: true } };
  const shop = readPlan(new URL("../../examples/web-shop.yml", import.meta.url).pathname).plan!;
  const stories = [
    await play(quiet, soonDue, shop),
    await play(quiet, soonDue, { ...tiers, protect: [whole, { ...app, verify: null }] }, tiersWorld),
  ];
  const made = new Map<string, Set<string>>();
  for (const { story, proofs, denials } of stories) {
    expect(denials).toEqual([]);
    expect(proofs.map(({ status }) => status)).toEqual(["SUCCEEDED"]);
    for (const { state } of proofs[0]!.invocations) if (!made.has(state)) made.set(state, new Set());
    for (const call of story.world.journal)
      if (call.machine === "failover") made.get(call.step)!.add(actionOfCall(call));
  }
  const left = [...made].flatMap(([state, actions]) => {
    const step = kebabCase(state);
    const known = new Set([...actions, ...Object.keys(impliedOf(step))]);
    return actionsOf(step).flatMap((action) => (known.has(action) ? [] : [`${step} ${action}`]));
  });
  expect([...made.keys()]).toContain("MoveNames");
  expect(left.sort()).toEqual(untried.sort());
});

test("without a proof nobody hears of a missing right until the bad day, which then fails", async () => {
  const dark = { at: "0s", fault: "region-down", region: "primary" };
  const { story, told } = await play([missing("ec2:RunInstances"), dark], 0);
  expect(runsOf(story.executions)[0]).toMatchObject({ status: "FAILED" });
  expect(told.filter(({ subject }) => subject?.includes("lacks"))).toEqual([]);
});

test.each([
  ["ec2:RunInstances", "launch", {}],
  ["ec2:DescribeSubnets", "a role", { region: "recovery" }],
  ["ec2:StopInstances", "fence", {}],
  ["s3:PutObject", "report", {}],
  ["states:SendTaskSuccess", "ask", {}],
  ["states:StartExecution", "detect", {}],
])("that nobody may %s any more is told within the day, with the role of %s", async (action, step, rest) => {
  const { told, story, broken } = await play([missing(action, rest)], soonDue);
  const lacks = told.filter(({ subject }) => subject?.includes("a failover lacks"));
  expect(lacks.length).toBe(1);
  expect(lacks[0]!.message).toMatch(new RegExp(`${action}|not authorized to perform: ${action}`));
  expect(lacks[0]!.message).toContain(step);
  expect(runsOf(story.executions)).toEqual([]);
  expect(broken).toEqual([]);
});

test("what passes is no missing right: a proof that meets it for half an hour is made in the next hour", async () => {
  const { proofs, told } = await play(
    [{ at: "-2h", for: "1h", fault: "brown-out", services: ["S3"], error: "throttled" }],
    soonDue,
  );
  expect(proofs.at(-1)).toMatchObject({ status: "SUCCEEDED" });
  expect(told).toEqual([]);
});
