import { alarmStates } from "../aws/alarms.ts";
import { answerOf } from "../aws/answer.ts";
import { zonesOf } from "../aws/regions.ts";
import type { Witness } from "../core/plan.ts";
import { type AlarmChange, type Reading, readAlarm, readApi, readProbe } from "../core/witness.ts";
import type { Context } from "./context.ts";

const probeSeconds = 3;

/** Looks at every witness once, all at the same time, one call per Region for its alarms. Never throws. */
export const readWitnesses = async (
  { clients, net, now }: Context,
  witnesses: Witness[],
  change: AlarmChange | null,
): Promise<Record<string, Reading>> => {
  const alarms = witnesses.filter((witness) => witness.kind === "alarm");
  const alarmsIn = new Map(
    [...new Set(alarms.map(({ region }) => region))].map((region) => {
      const names = alarms.filter((alarm) => alarm.region === region).map(({ alarm }) => alarm);
      return [region, answerOf(alarmStates(clients, region, names))];
    }),
  );
  const read = async (witness: Witness): Promise<Reading> => {
    if (witness.kind === "probe") {
      const { url, connect } = witness;
      return readProbe(await net.http({ url, connect, timeoutSeconds: probeSeconds }));
    }
    if (witness.kind === "api") return readApi(await answerOf(zonesOf(clients, witness.region)));
    if (witness.kind !== "alarm")
      return { state: "cannot-tell", because: `${witness.kind} is not read yet`, silent: false };
    const { alarm, region } = witness;
    const told = change?.alarm === alarm && change.region === region ? change : null;
    return readAlarm(alarm, await alarmsIn.get(region)!, told, now());
  };
  return Object.fromEntries(await Promise.all(witnesses.map(async (each) => [each.name, await read(each)] as const)));
};
