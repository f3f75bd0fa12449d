import { alarmStates } from "../aws/alarms.ts";
import { readStates } from "../aws/routing-control.ts";
import type { Plan, Traffic } from "../core/model/plan.ts";
import { takeoverAlarmName } from "../core/names.ts";
import { expectedStates } from "../core/traffic/routing-control.ts";
import {
  asksRecords,
  judgePlace,
  type TrafficObservation,
  type TrafficReading,
} from "../core/traffic/traffic-place.ts";
import type { Context } from "../runtime/context.ts";
import { askZones, resolveAll } from "./ask-dns.ts";

/** Is traffic where it should be? By data planes only: one call about the switch, and DNS. A missing reply is a value; never throws. */
export const observeTraffic = async (
  context: Context,
  { application }: Plan,
  traffic: Traffic,
  side: "primary" | "recovery",
): Promise<TrafficReading> => {
  const [alarm, states, dns] = await Promise.all([
    traffic.switch === "takeover" && traffic.healthCheck === "create" ? readAlarm(context, application) : null,
    traffic.switch === "routing-control" ? readControls(context, traffic) : null,
    asksRecords(traffic, side) ? readRecords(context, traffic) : { answers: [], resolved: {} },
  ]);
  return judgePlace(traffic, side, { alarm, states, ...dns });
};

const readAlarm = async (
  { clients, settings, log }: Context,
  application: string,
): Promise<TrafficObservation["alarm"]> => {
  const name = takeoverAlarmName(application);
  try {
    return (await alarmStates(clients, settings.region, [name]))[name] ?? null;
  } catch (error) {
    log.warn("the takeover switch could not be read", { code: (error as Error).name });
    return null;
  }
};

const readControls = async (
  { clients, now, log }: Context,
  traffic: Traffic,
): Promise<TrafficObservation["states"]> => {
  const controls = expectedStates(traffic, "primary").map(({ control }) => control);
  try {
    return (await readStates(clients, traffic.cluster?.endpoints ?? [], now().getTime(), controls)).value;
  } catch (error) {
    log.warn("the routing controls could not be read", { code: (error as Error).name });
    return null;
  }
};

const readRecords = async (context: Context, { records }: Traffic) => {
  const open = records.filter((record) => !record.private);
  const aliases = open.flatMap(({ type, primary, recovery }) =>
    [primary, recovery].flatMap((value) => ("alias" in value ? [{ name: value.alias.name, type }] : [])),
  );
  const [answers, resolved] = await Promise.all([askZones(context, open), resolveAll(context, aliases)]);
  return { answers, resolved };
};
