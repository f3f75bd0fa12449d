import { Cron } from "croner";

/**
 * The six fields as EventBridge means them, in UTC; croner knows `L` alone not as a day of the week, the last one.
 * [Scheduler: cron-based schedules]
 */
export const readCron = (pattern: string): Cron => {
  const fields = pattern.split(" ");
  const lastDay = (day: string) => (day === "L" ? "SAT" : day);
  const read = fields.map((field, index) => (index === 4 ? field.split(",").map(lastDay).join(",") : field));
  const options = { mode: "7-part", alternativeWeekdays: true, sloppyRanges: true, utcOffset: 0 } as const;
  return new Cron(`0 ${read.join(" ")}`, options);
};
