import { limits } from "../../functions/core/limits.ts";

/**
 * What the controller itself costs, US Dollars: Step Functions Standard $0.025 per 1,000 transitions, Lambda $0.20 per
 * million requests and $0.0000133334 a GB-second (arm64). Free tiers left out.
 * https://aws.amazon.com/step-functions/pricing/, https://aws.amazon.com/lambda/pricing/
 */
export const costUsd = (spent: { transitions: number; invocations: number; milliseconds: number }) =>
  round(
    (spent.transitions * 0.025) / 1_000 +
      (spent.invocations * 0.2) / 1_000_000 +
      (spent.milliseconds / 1_000) * (limits.functionMemoryMiB / 1_024) * 0.0000133334,
  );

const round = (dollars: number) => Math.round(dollars * 1e6) / 1e6;
