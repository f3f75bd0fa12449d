import { expect, test } from "vitest";
import { unproven } from "../../functions/core/proof.ts";
import { createContext } from "../../functions/runtime/context.ts";
import { invariantsOf } from "../../simulator/invariants.ts";
import { isProof, runsOf } from "../../simulator/runs.ts";
import { toScenario } from "../../simulator/scenario.ts";
import { messagesOf } from "../../simulator/sns.ts";
import { playStory, type StoryOptions } from "../../simulator/story.ts";
import { matrixPlan } from "./play.ts";

const pair = matrixPlan("failover");
const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
// whatever the plan wants to hear of: this is told
const plan = { ...pair, notify: { topics: [topic], on: [] } };
const hour = 3_600_000;

/** A story in which the last proof is as old as this when it begins; `old` null: none was made yet, though a day has passed. */
const play = async (faults: object[], hoursOld: number | null, over: Partial<StoryOptions> = {}) => {
  const scenario = toScenario({ name: "proof", faults, until: "2h" }, "proof", over.plan ?? plan);
  const contexts: ReturnType<typeof createContext>[] = [];
  const began: StoryOptions["began"] = ({ placeOf }) => {
    const { recovery } = plan.regions;
    const context = createContext(placeOf(recovery, recovery, null).outside([]));
    contexts.push(context);
    const at = new Date(Date.now() - (hoursOld ?? 0) * hour).toISOString();
    const proof = hoursOld === null ? unproven(new Date(Date.now() - 24 * hour).toISOString()) : unproven(at);
    void context.store.saveProof(plan.application, hoursOld === null ? proof : { ...proof, at, provenAt: at });
  };
  const story = await playStory({ plan, scenario, seed: 1, run: null, light: true, began, ...over });
  const proofs = story.executions.filter(isProof);
  const told = messagesOf(story.world)
    .map(({ subject, message }) => ({ subject, message }))
    .filter(({ subject }) => !subject?.startsWith("OK: "));
  return { story, proofs, told, broken: invariantsOf(story).filter(({ held }) => !held) };
};
/** Due when the first points are there. */
const soonDue = 23.5;
const missing = (action: string, rest: object = {}) => ({ at: "-30m", fault: "right-missing", action, ...rest });

test("a dry failover goes through the real machine, holds no lease, changes nothing, and is no run", async () => {
  const { story, proofs, told, broken } = await play([{ at: "-30m", fault: "late-events", by: "1s" }], soonDue);
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
    "DynamoDB PutItem",
    "S3 PutObject",
    "SFN SendTaskSuccess",
  ]);
  const items = made.flatMap(({ service, input }) => (service === "DynamoDB" ? [(input.Item as Item).sk.S] : []));
  expect(items.every((sk) => sk.startsWith("proof"))).toBe(true);
  expect(runsOf(story.executions)).toEqual([]);
  expect([told, broken]).toEqual([[], []]);
});
type Item = { sk: { S: string } };

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
