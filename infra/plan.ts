import { checkRegion } from "../functions/core/detect/sensors.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { checkAlarms } from "./check-alarms.ts";
import { dashboard } from "./dashboard.ts";
import { deadLetters } from "./dead-letters.ts";
import { type Fragment, merge } from "./fragment.ts";
import { heartbeatAlarm } from "./heartbeat-alarm.ts";
import { proofAlarm } from "./proof-alarm.ts";
import { readinessAlarm } from "./readiness-alarm.ts";
import { rpoAlarms } from "./rpo-alarms.ts";
import { alarmsRule, endedRule, healthRule, ruleNames, snapshotsRule } from "./rules.ts";
import { schedules } from "./schedules.ts";
import { topicsIn } from "./topics.ts";
import { trafficAlarm } from "./traffic-alarm.ts";

/** What one application adds to the controller of its recovery Region. */
export const planStack = (plan: Plan): Fragment => {
  const home = homeOf(plan);
  const queue = `lifeboat-${plan.application}-undelivered`;
  const topics = topicsIn(plan, home);
  return merge(
    deadLetters("Undelivered", queue, Object.values(ruleNames(plan)), topics),
    schedules(plan, "Undelivered", queue),
    endedRule(plan, "Undelivered"),
    alarmsRule(plan, "Undelivered"),
    healthRule(plan, "Undelivered"),
    snapshotsRule(plan, "Undelivered"),
    heartbeatAlarm(plan, topics),
    trafficAlarm(plan, topics),
    proofAlarm(plan, topics),
    readinessAlarm(plan, topics),
    home === checkRegion ? checkAlarms(plan) : { Resources: {} },
    rpoAlarms({ ...plan, notify: { ...plan.notify, topics } }),
    dashboard(plan),
  );
};
