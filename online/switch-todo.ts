import { checksOfAlarm } from "../functions/aws/health-checks.ts";
import { listByZone } from "../functions/aws/route-53.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { takeoverAlarmName } from "../functions/core/names.ts";
import { switchTodoOf } from "../functions/core/traffic/switch-todo.ts";
import type { Context } from "../functions/runtime/context.ts";

/** What is left to do by hand for the switch, with the exact ids. Nothing where Route 53 does not say: the readiness check reports that. */
export const switchTodo = async ({ clients }: Context, plan: Plan): Promise<string[]> => {
  const { application, regions, traffic } = plan;
  if (traffic?.switch !== "takeover") return [];
  try {
    const sets = await listByZone(clients, traffic.records, "optional");
    if (switchTodoOf(traffic, sets, "").length === 0) return [];
    const alarm = { name: takeoverAlarmName(application), region: homeOf({ regions }) };
    const made = traffic.healthCheck === "create" ? await checksOfAlarm(clients, alarm) : [traffic.healthCheck];
    return switchTodoOf(traffic, sets, made[0] ?? null);
  } catch {
    return [];
  }
};
