import type { Plan } from "../functions/core/plan.ts";

/** Names of the plan's alarm witnesses in one Region, sorted. */
export const alarmsOf = ({ detect }: Plan, region: string) =>
  detect.witnesses
    .flatMap((witness) => (witness.kind === "alarm" && witness.region === region ? [witness.alarm] : []))
    .sort();

/** Event pattern for state changes of these alarms. [CW:cloudwatch-and-eventbridge] */
export const alarmChanges = (alarms: string[], regions: string[]) => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm State Change"],
  region: regions,
  detail: { alarmName: alarms },
});
