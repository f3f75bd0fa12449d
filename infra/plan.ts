import type { Plan } from "../functions/core/plan.ts";
import { deadLetters } from "./dead-letters.ts";
import { type Fragment, merge } from "./fragment.ts";
import { rpoAlarms } from "./rpo-alarms.ts";
import { alarmsRule, endedRule, ruleNames, snapshotsRule } from "./rules.ts";
import { schedules } from "./schedules.ts";

/** What one application adds to the controller of its recovery Region. */
export const planStack = (plan: Plan): Fragment => {
  const queue = `lifeboat-${plan.application}-undelivered`;
  const topics = plan.notify.topics.filter((topic) => topic.split(":")[3] === plan.regions.recovery);
  return merge(
    deadLetters("Undelivered", queue, Object.values(ruleNames(plan)), topics),
    schedules(plan, "Undelivered", queue),
    endedRule(plan, "Undelivered"),
    alarmsRule(plan, "Undelivered"),
    snapshotsRule(plan, "Undelivered"),
    rpoAlarms({ ...plan, notify: { ...plan.notify, topics } }),
  );
};
