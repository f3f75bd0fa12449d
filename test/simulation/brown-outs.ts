import { hash } from "../../simulator/random.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

/** A service of the recovery Region that answers nobody, or throttles everybody, for a while in the middle of a failover. */
export type BrownOutJob = {
  kind: "brown-out";
  service: string;
  error: "unavailable" | "throttled";
  /** Seconds after time 0, and for how long. */
  at: number;
  seconds: number;
  seed: number;
};

const services = [
  ...[
    "DynamoDB",
    "EC2",
    "Elastic Load Balancing v2",
    "Route 53",
    "S3",
    "SNS",
    "CloudWatch",
    "Step Functions",
    "Lambda",
  ],
];
/** Where the usual plan has nothing to do with a service. */
const plans: Record<string, string> = {
  "Elastic Load Balancing v2": "examples/web-shop.yml",
  "Route 53": "test/scenarios/plans/records.yml",
};
const lengths = [10, 30, 60, 120, 180];
/** From the moment at which the verdict is due until traffic has moved, each 20 s. */
const starts = Array.from({ length: 20 }, (_, at) => 180 + 20 * at);

/** One of `every` brown-outs of the grid, drawn by what it is, so that a part has some of each; 0 = none. */
export const brownOutJobs = (every: number): BrownOutJob[] => {
  if (every <= 0) return [];
  const all = [1, 2, 3].flatMap((seed) =>
    services.flatMap((service) =>
      lengths.flatMap((seconds) =>
        starts.flatMap((at) =>
          (["unavailable", "throttled"] as const).map(
            (error): BrownOutJob => ({ kind: "brown-out", service, error, at, seconds, seed }),
          ),
        ),
      ),
    ),
  );
  return all.filter((job) => hash(JSON.stringify(job)) % every === 0);
};

/** What a run may lose beside it, seconds: the minute of the switch's metric that it missed by a second. */
const lostMinute = 60;

/** The failover with this brown-out, and how long it may take, seconds: what AWS itself takes and twice the brown-out. */
export const rehearseBrownOut = async ({ service, error, at, seconds, seed }: BrownOutJob) => {
  const file = plans[service] ?? "test/simulation/two-servers.yml";
  const read = readPlanOrThrow(new URL(`../../${file}`, import.meta.url).pathname);
  const topic = `arn:aws:sns:${read.regions.recovery}:111122223333:ops`;
  const plan = { ...read, notify: { topics: [topic], on: ["decision" as const, "done" as const] } };
  const faults = [
    { fault: "region-down", region: "primary" },
    { at: `${at}s`, for: `${seconds}s`, fault: "brown-out", services: [service], region: "recovery", error },
  ];
  const scenario = toScenario({ name: "brown-out", faults }, "brown-out", plan);
  const result = resultOf(await playStory({ plan, scenario, seed, run: null }));
  return { ...result, most: (result.rtoOracleSeconds ?? 0) + 2 * seconds };
};

/** What was wrong: the failover succeeds in time, but for a minute of the metric. */
export const playBrownOut = async (job: BrownOutJob): Promise<string[]> => {
  const { outcome, rtoSeconds, runs, invariants, error, ...rest } = await rehearseBrownOut(job);
  const most = rest.most + lostMinute;
  return [
    ...(outcome === "succeeded" ? [] : [`ended ${runs.map((run) => run.outcome)}: ${error?.message}`]),
    ...((rtoSeconds ?? Number.POSITIVE_INFINITY) <= most ? [] : [`RTO ${rtoSeconds} s, more than ${most} s`]),
    ...invariants.filter(({ held }) => !held).map(({ name, detail }) => `invariant ${name}: ${detail}`),
  ];
};
