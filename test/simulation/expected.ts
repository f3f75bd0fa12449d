import { applicationOf, runsOf } from "../../simulator/machines/runs.ts";
import { oracleSeconds } from "../../simulator/story/oracle.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import type { Result } from "../../simulator/story/result.ts";

/** How each shipped scenario must end, whatever the seed: what is wrong with a result, a sentence each. */
export const wrong = (result: Result, rtoMax: number | null): string[] => {
  const expected = endings[result.scenario];
  if (!expected) return [`scenario ${result.scenario} has no expectation`];
  const broken = result.invariants
    .filter(({ held }) => !held)
    .map(({ name, detail }) => `invariant ${name}: ${detail}`);
  const hintless = result.error && !result.error.hint ? [`${result.error.name} has no hint`] : [];
  return [...broken, ...hintless, ...expected(result, rtoMax)];
};

const is = (holds: boolean, sentence: string) => (holds ? [] : [sentence]);
const ended = (result: Result, outcome: Result["outcome"]) =>
  is(
    result.outcome === outcome,
    `expected ${outcome} (got ${result.outcome}${result.error ? `: ${result.error.name}: ${result.error.message}` : ""})`,
  );
const served = (result: Result, region: "primary" | "recovery", regions = Object.keys(result.world)) => {
  const [primary, recovery] = regions;
  const wanted = region === "primary" ? primary : recovery;
  const moved = result.world.records.map(({ before, now }) => JSON.stringify(before) !== JSON.stringify(now));
  return [
    ...is(result.world.row?.active === wanted, `expected ${wanted} to be active (got ${result.world.row?.active})`),
    ...is(
      moved.every((one) => one === (region === "recovery")),
      `expected traffic at ${region}`,
    ),
  ];
};
const once = (result: Result) => is(result.runs.length === 1, `expected one run (got ${result.runs.length})`);
const failedOver = (result: Result) => [...ended(result, "succeeded"), ...served(result, "recovery"), ...once(result)];
/** The controller's own time until it launches, and at the end of each wave; and how late VerifyTraffic sees what it made. Seconds. */
const [ownSeconds, seenSeconds] = [8, 6];

/** The RTO that a run started by detect may have: what its own time makes it miss, as a minute of the switch's metric, is in it. */
export const rtoMaxOf = (story: Story): number | null => {
  const run = runsOf(story.executions).find((one) => applicationOf(one) === story.plan.application);
  const { incident } = (run?.input ?? {}) as { incident?: { firstFailingAt: string } };
  return run && incident
    ? oracleSeconds(story, run, Date.parse(incident.firstFailingAt), ownSeconds) + seenSeconds
    : null;
};

const fast = ({ rtoSeconds, rtoOracleSeconds: oracle }: Result, rtoMax: number | null) =>
  is(
    rtoSeconds !== null && oracle !== null && rtoMax !== null && rtoSeconds >= oracle && rtoSeconds <= rtoMax,
    `expected an RTO from ${oracle} s, of the oracle, to ${rtoMax} s (got ${rtoSeconds} s)`,
  );

const unfelt = ({ outageSeconds }: Result) =>
  is(outageSeconds === 0, `expected users to be served all the time (got ${outageSeconds} s without)`);

const endings: Record<string, (result: Result, rtoMax: number | null) => string[]> = {
  "primary-region-down": (result, rtoMax) => [...failedOver(result), ...fast(result, rtoMax)],
  "recovery-region-down": (result) => [...ended(result, "none"), ...served(result, "primary")],
  "recovery-region-down-after-failover": failedOver,
  "us-east-1-down": (result, rtoMax) => [...failedOver(result), ...fast(result, rtoMax)],
  "region-fails-during-replicate": failedOver,
  throttled: failedOver,
  "no-capacity": failedOver,
  "slow-copies": failedOver,
  "lost-responses": failedOver,
  "brown-out": failedOver,
  "link-down": (result) => [...ended(result, "none"), ...served(result, "primary"), ...unfelt(result)],
  quiet: (result) => [...ended(result, "none"), ...served(result, "primary")],
};

export const scenarios = Object.keys(endings);
