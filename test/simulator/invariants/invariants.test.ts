import { describe, expect, it } from "vitest";
import { tagKeys } from "../../../functions/core/names.ts";
import { tag } from "../../../simulator/ec2/tags.ts";
import { invariantsOf, leftovers } from "../../../simulator/invariants/invariants.ts";
import type { Execution } from "../../../simulator/machines/executions.ts";
import type { Partition } from "../../../simulator/services/partition.ts";
import type { Story } from "../../../simulator/story/played-story.ts";
import { stateOf } from "../../../simulator/world/state-of.ts";
import { aCall, brokenIn, first, later, outage, runOf, switchover, target } from "../../support/judged-stories.ts";
import { playPair } from "../../support/pair.ts";

const recovery = "eu-central-1";
const names = [
  "1 one run at a time",
  "2 no two writers",
  "2 what wakes in an old Region is isolated",
  "2 row and traffic agree",
  "3 nothing needed of a dark Region",
  "4 the last good point is kept",
  "4 rotation keeps what the plan says",
  "5 nothing is launched twice",
  "5 images are named once",
  "5 every server comes from one consistent set",
  "6 every run ends, reported",
  "6 every run that ended is told",
  "6 a passing fault of three minutes ends no run",
  "7 a dry execution changes nothing of production",
  "8 a point counts only when it is complete",
  "9 no Lambda waits until its timeout",
  "10 no server's failure stops the others",
  "11 recovery is known to work before anything is stopped",
  "11 nothing starts by itself without grounds",
];

const storedOf = ({ world, plan }: Story) => stateOf(world, recovery, plan.application);
const launched = (story: Story) => [...target(story).instances.values()].find((one) => tag(one, tagKeys.run))!;

/** Items of the controller's table, to change behind its back. */
const items = ({ world }: Story) => {
  const tables = world.region<Map<string, Map<string, Partition>>>("DynamoDB", recovery, () => new Map());
  return tables.get("lifeboat")!.get("pair")!;
};
const itemOf = (story: Story, prefix: string) =>
  items(story)
    .entries()
    .find(([sk]) => sk.startsWith(prefix))!;
const anInvocation = (run: Execution, state: string, over = {}) => {
  const startedAt = later(run);
  return { execution: run.arn, state, outcome: "ok", startedAt, endedAt: startedAt + 500, ...over };
};
const betweenFenceAndReroute = (story: Story) => {
  const startedAt = runOf(story).invocations.find(({ state }) => state === "Fence")!.endedAt + 1;
  return { startedAt, endedAt: startedAt };
};
describe("every invariant holds", () => {
  it.each([
    ["when the primary Region goes dark", outage],
    ["when a person fails over while all is well", switchover],
    ["when nothing happens", () => playPair({ scenario: { faults: [] } })],
    ["in a pass", () => playPair({ run: "replicate", scenario: { faults: [] } })],
    ["in a rotation", () => playPair({ run: "rotate", input: { approve: true }, scenario: { faults: [] } })],
  ])("%s", async (_, play) => {
    const story = await play();
    expect(invariantsOf(story)).toEqual(names.map((name) => ({ name, held: true, detail: "" })));
    expect(leftovers(story)).toEqual([]);
  });
});

/** [what is done to the world that the story left, the invariants that must tell of it, what they say]. */
type Case = [string, (story: Story) => void, string[], RegExp];

describe("after an outage, the invariant tells of", () => {
  it.each<Case>([
    [
      "two runs that held the lease at the same time",
      (story) => {
        story.executions.push({ ...runOf(story), arn: "arn:other" });
        story.startStates.set("arn:other", story.startStates.get(runOf(story).arn)!);
      },
      ["1 one run at a time"],
      /held the lease at the same time$/,
    ],
    [
      "a run that detect started without evidence",
      (story) => story.startStates.clear(),
      ["11 nothing starts by itself without grounds"],
      /started without evidence$/,
    ],
    [
      "a run on fewer red witnesses than the plan wants",
      (story) => {
        const { evidence } = story.startStates.get(runOf(story).arn)!;
        evidence!.votes.region!.state = "cannot-tell";
      },
      ["11 nothing starts by itself without grounds"],
      /started with 1 unhealthy witnesses of the 2 needed$/,
    ],
    [
      "a run that began on another verdict, before it was armed",
      (story) =>
        Object.assign(story.startStates.get(runOf(story).arn)!.evidence!, {
          armedAt: null,
          verdict: { code: "CannotTell" },
        }),
      ["11 nothing starts by itself without grounds"],
      /started with the verdict CannotTell$/,
    ],
    [
      "a run that began while the application was paused",
      (story) => {
        const paused = { at: new Date(story.zeroAt - 600_000).toISOString(), by: "ann", reason: null };
        story.startStates.get(runOf(story).arn)!.controls = { paused };
      },
      ["11 nothing starts by itself without grounds"],
      /started while paused$/,
    ],
    [
      "a run that began while the last one blocked it, and another Region served",
      (story) => {
        const lastRun = {
          id: "arn:before",
          name: "before",
          outcome: "failed",
          endedAt: new Date(story.zeroAt).toISOString(),
        };
        story.startStates.get(runOf(story).arn)!.row = { lastRun, active: recovery };
      },
      ["11 nothing starts by itself without grounds"],
      /started while blocked$/,
    ],
    [
      "a source that answered the fence, and still ran",
      ({ world }) => {
        for (const call of world.journal.filter(({ operation }) => operation === "StopInstances"))
          call.outcome = "OperationNotPermitted";
      },
      ["2 no two writers"],
      /moved traffic while i-\w+ was running/,
    ],
    [
      "traffic that moved without a fence",
      (story) => runOf(story).results.delete("Fence"),
      ["2 no two writers"],
      /moved traffic without a fence$/,
    ],
    [
      "traffic that moved without the proof that the plan requires",
      (story) =>
        Object.assign(story, { plan: { ...story.plan, recover: { ...story.plan.recover, fence: "required" } } }),
      ["2 no two writers"],
      /without a confirmed fence$/,
    ],
    [
      "an answer out of the dark Region",
      (story) => story.world.journal.push(aCall(story, { step: "Launch" })),
      ["3 nothing needed of a dark Region"],
      /^EC2 DescribeInstances in eu-west-1 answered at /,
    ],
    [
      "an answer of a control plane that is down",
      (story) => story.world.journal.push(aCall(story, { service: "Route 53", region: "us-east-1", step: "Reroute" })),
      ["3 nothing needed of a dark Region"],
      /^Route 53 DescribeInstances in us-east-1 answered/,
    ],
    [
      "a step that failed because it needed the Region that is down",
      (story) => {
        const run = runOf(story);
        const at = new Date(later(run)).toISOString();
        story.world.journal.push(aCall(story, { at, step: "Preflight", outcome: "TimeoutError" }));
        run.invocations.push(anInvocation(run, "Preflight", { outcome: "TransientError" }));
      },
      ["3 nothing needed of a dark Region"],
      /Preflight failed with TransientError because it needed a Region that is down$/,
    ],
    [
      "a copy of the newest point that is gone",
      (story) => target(story).snapshots.delete(storedOf(story).manifests[0]!.volumes[0]!.snapshot!),
      ["4 the last good point is kept"],
      /has no completed copy$/,
    ],
    [
      "a manifest of the newest point that is gone",
      (story) => items(story).delete(itemOf(story, "manifest#")[0]),
      ["4 the last good point is kept"],
      /has no manifest$/,
    ],
    [
      "a pinned point that is gone",
      (story) => items(story).delete(itemOf(story, "point#")[0]),
      ["4 the last good point is kept"],
      /must be kept, but is gone$/,
    ],
    [
      "a pinned point that was given up",
      (story) => Object.assign(itemOf(story, "point#")[1], { state: { S: "discarded" } }),
      ["4 the last good point is kept"],
      /must be kept, but is discarded$/,
    ],
    [
      "a server that was launched twice",
      (story) => {
        const twin = { ...launched(story), id: "i-twin" };
        target(story).instances.set(twin.id, twin);
      },
      ["5 nothing is launched twice"],
      /was launched twice$/,
    ],
    [
      "an image that exists twice",
      (story) => target(story).images.set("ami-twin", { ...first(target(story).images), id: "ami-twin" }),
      ["5 images are named once"],
      /exists twice$/,
    ],
    [
      "a server whose volumes are of two moments",
      (story) => {
        const volume = target(story).volumes.get(launched(story).volumes[0]!.volume)!;
        volume.content = { ...volume.content!, set: "2026-01-04T00:00:00.000Z" };
      },
      ["5 every server comes from one consistent set"],
      /has volumes of 2 snapshot sets$/,
    ],
    [
      "a server with a volume that came from no point",
      (story) => {
        target(story).volumes.get(launched(story).volumes[0]!.volume)!.content = null;
      },
      ["5 every server comes from one consistent set"],
      /has volumes of 2 snapshot sets$/,
    ],
    [
      "a run without a report",
      (story) => {
        const objects = story.world.region<Map<string, unknown>>("S3", recovery, () => new Map());
        for (const key of [...objects.keys()]) if (key.includes("reports/pair/failover-")) objects.delete(key);
      },
      ["6 every run ends, reported"],
      /^failover-pair-\S+ has no report$/,
    ],
    [
      "a run that has not ended",
      (story) => Object.assign(runOf(story), { status: "RUNNING", endedAt: null }),
      ["6 every run ends, reported"],
      /^failover-pair-\S+ has not ended$/,
    ],
    [
      "a lease that was never given back",
      (story) => Object.assign(itemOf(story, "row")[1], { run: { M: { id: { S: "arn" }, name: { S: "run-1" } } } }),
      ["6 every run ends, reported"],
      /^the lease is still held by run-1$/,
    ],
    [
      "a state record that still says running",
      (story) => Object.assign(itemOf(story, "row")[1], { phase: { S: "running" } }),
      ["6 every run ends, reported"],
      /^the state record still says running$/,
    ],
    [
      "a point that was called complete before its copy was",
      (story) => {
        const [manifest] = storedOf(story).manifests;
        const point = storedOf(story).points.find(({ id }) => id === manifest!.point)!;
        const copy = target(story).snapshots.get(manifest!.volumes[0]!.snapshot!)!;
        copy.completedAt = Date.parse(point.completedAt!) + 1;
      },
      ["8 a point counts only when it is complete"],
      /was marked complete before the copy of server-\d \S+ was$/,
    ],
    [
      "a Lambda that waited until its timeout",
      (story) => {
        const run = runOf(story);
        run.invocations.push(anInvocation(run, "Report", { endedAt: later(run) + 60_000 }));
      },
      ["9 no Lambda waits until its timeout"],
      /Report took 60 s or more$/,
    ],
    [
      "a server that was launched only after the fence",
      (story) => runOf(story).invocations.push(anInvocation(runOf(story), "Launch", betweenFenceAndReroute(story))),
      ["11 recovery is known to work before anything is stopped"],
      /fenced before the last Launch$/,
    ],
    [
      "a server that was verified only after the fence",
      (story) => runOf(story).invocations.push(anInvocation(runOf(story), "Verify", betweenFenceAndReroute(story))),
      ["11 recovery is known to work before anything is stopped"],
      /fenced before the last Verify$/,
    ],
  ])("%s, and no other invariant", async (_, tamper, invariants, says) => {
    const story = await outage();
    tamper(story);
    const broken = brokenIn(story);
    expect(broken.map(({ name }) => name)).toEqual(invariants);
    expect(broken[0]!.detail.split("; ")[0]).toMatch(says);
  });
});
