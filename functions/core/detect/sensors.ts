import { homeOf, watchedOf } from "../model/direction.ts";
import type { Plan } from "../model/plan.ts";

/**
 * Where AWS Health reports a Region, besides there; null where AWS names none.
 * [docs.aws.amazon.com/health/latest/ug/choosing-a-region.html]
 */
export const healthBackup = (region: string): string | null => {
  if (/^(cn|us-gov)-/.test(region)) return null;
  return region === "us-west-2" ? "us-east-1" : "us-west-2";
};

/** Every Region in which AWS Health delivers the public events of this one. */
export const healthRegions = (region: string): string[] => [region, healthBackup(region) ?? region];

/**
 * Regions with a sensor of this application, sorted: the primary one always, for its heartbeat and its guard, and each
 * from where a witness is heard. The recovery Region needs none: the controller itself is there.
 */
export const sensorRegions = (plan: Plan): string[] => {
  const wanted = plan.detect.witnesses.flatMap((witness) => {
    if (witness.kind === "alarm" || witness.kind === "silence") return [witness.region];
    if (witness.kind === "healthCheck") return [checkRegion];
    if (witness.kind === "awsHealth") return healthRegions(witness.region);
    return witness.kind === "probe" && witness.from ? [witness.from] : [];
  });
  return [...new Set([watchedOf(plan), ...wanted])].filter((region) => region !== homeOf(plan)).sort();
};

/** The only Region with metrics of Route 53 health checks. [R53:monitoring-cloudwatch] */
export const checkRegion = "us-east-1";

/** Alarm of a `healthCheck` witness: no vote, only a nudge that makes detect look before its next tick. */
export const checkAlarmName = (application: string, witness: string) => `lifeboat-check-${application}-${witness}`;
