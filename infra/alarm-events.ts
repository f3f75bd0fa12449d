import { checkAlarmName, checkRegion } from "../functions/core/detect/sensors.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { accountId } from "./fragment.ts";

/** Names of the alarms of one Region whose changes detect wants: those of the witnesses and of the health checks, sorted. */
export const alarmsOf = ({ application, detect }: Plan, region: string) =>
  detect.witnesses
    .flatMap((witness) => {
      if (witness.kind === "alarm" && witness.region === region) return [witness.alarm];
      return witness.kind === "healthCheck" && region === checkRegion
        ? [checkAlarmName(application, witness.name)]
        : [];
    })
    .sort();

/** Event pattern for state changes of these alarms of the own account. [CW:cloudwatch-and-eventbridge] */
export const alarmChanges = (alarms: string[], regions: string[]) => ({
  account: [accountId],
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm State Change"],
  region: regions,
  detail: { alarmName: alarms },
});
