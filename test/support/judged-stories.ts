import { ec2Of } from "../../simulator/ec2/state.ts";
import { invariantsOf } from "../../simulator/invariants/invariants.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import type { Execution } from "../../simulator/machines/executions.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { dark, playPair } from "./pair.ts";

const primary = "eu-west-1";

/** The primary Region goes dark; detect fails over. */
export const outage = () =>
  playPair({ scenario: { faults: [dark, { fault: "control-plane-down", services: ["Route 53"] }] } });
/** A person fails over while all is well: the fence gets its answers. */
export const switchover = () => playPair({ run: "failover", scenario: { faults: [] } });
export const brokenIn = (story: Story) => invariantsOf(story).filter(({ held }) => !held);
export const runOf = ({ executions }: Story) => executions.find(({ machine }) => machine === "failover")!;
export const later = (execution: Execution) => (execution.endedAt ?? 0) + 1_000;
export const first = <T>(map: Map<string, T>): T => [...map.values()][0]!;
export const source = (story: Story) => ec2Of(story.world, primary);
export const target = (story: Story) => ec2Of(story.world, "eu-central-1");
export const aCall = (story: Story, over: Partial<CallRecord>): CallRecord => ({
  at: new Date(story.zeroAt + 60_000).toISOString(),
  service: "EC2",
  operation: "DescribeInstances",
  region: primary,
  step: "Fence",
  machine: "failover",
  execution: runOf(story).arn,
  mutating: false,
  patience: "optional",
  outcome: "ok",
  input: {},
  ...over,
});
