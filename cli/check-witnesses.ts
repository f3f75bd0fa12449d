import { alarmStates } from "../functions/aws/alarms.ts";
import type { Clients } from "../functions/aws/clients.ts";
import { codeOf } from "../functions/aws/errors.ts";
import { healthCheck } from "../functions/aws/route-53.ts";
import type { Detect } from "../functions/core/plan.ts";

export type WitnessFindings = { problems: string[]; warnings: string[] };

/** Does what the witnesses name exist? Reads only; a Region that does not answer is a warning. */
export const checkWitnesses = async (clients: Clients, { witnesses }: Detect): Promise<WitnessFindings> => {
  const found: WitnessFindings = { problems: [], warnings: [] };
  const unread = (what: string, error: unknown) =>
    void found.warnings.push(`${what} could not be read: ${codeOf(error)}`);

  const alarms = witnesses.filter((witness) => witness.kind === "alarm");
  for (const [region, own] of Map.groupBy(alarms, (alarm) => alarm.region)) {
    const names = own.map(({ alarm }) => alarm);
    const states = await alarmStates(clients, region, names).catch((error) => unread(`alarms in ${region}`, error));
    if (!states) continue;
    for (const { name, alarm } of own)
      if (!states[alarm]) found.problems.push(`witness ${name}: alarm ${alarm} does not exist in ${region}`);
  }
  for (const witness of witnesses) {
    if (witness.kind !== "healthCheck") continue;
    const { name, healthCheck: id } = witness;
    try {
      if (!(await healthCheck(clients, id, "optional")))
        found.problems.push(`witness ${name}: health check ${id} does not exist`);
    } catch (error) {
      unread(`health check ${id}`, error);
    }
  }
  return found;
};
