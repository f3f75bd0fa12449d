import type { Plan } from "../functions/core/model/plan.ts";

/** Topics of the plan in one Region: an alarm can tell no others. [CW:AlarmThatSendsEmail] */
export const topicsIn = ({ notify }: Plan, region: string) =>
  notify.topics.filter((topic) => topic.split(":")[3] === region);
