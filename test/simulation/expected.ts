import type { Result } from "../../simulator/result.ts";

/** How each shipped scenario must end, whatever the seed: what is wrong with a result, a sentence each. */
export const wrong = (result: Result): string[] => {
  const expected = endings[result.scenario];
  if (!expected) return [`scenario ${result.scenario} has no expectation`];
  const broken = result.invariants.filter(({ held }) => !held).map(({ name, detail }) => `law ${name}: ${detail}`);
  const hintless = result.error && !result.error.hint ? [`${result.error.name} has no hint`] : [];
  return [...broken, ...hintless, ...expected(result)];
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
/**
 * Seconds that a run may be slower than the oracle: the controller's own, and what they may just miss: a minute of the
 * switch's metric, and a check of the target group.
 */
export const slowerMax = 16 + 60 + 10;
const fast = ({ rtoSeconds, rtoOracleSeconds: oracle }: Result) =>
  is(
    rtoSeconds !== null && oracle !== null && rtoSeconds >= oracle && rtoSeconds <= oracle + slowerMax,
    `expected an RTO of at most ${slowerMax} s more than the oracle (got ${rtoSeconds} s, oracle ${oracle} s)`,
  );

const unfelt = ({ outageSeconds }: Result) =>
  is(outageSeconds === 0, `expected users to be served all the time (got ${outageSeconds} s without)`);

const endings: Record<string, (result: Result) => string[]> = {
  "primary-region-down": (result) => [...failedOver(result), ...fast(result)],
  "recovery-region-down": (result) => [...ended(result, "none"), ...served(result, "primary")],
  "recovery-region-down-after-failover": failedOver,
  "us-east-1-down": (result) => [...failedOver(result), ...fast(result)],
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
