import type { Findings } from "../findings.ts";
import type { Traffic, TrafficRecord } from "../model/plan.ts";

export type ControlState = { control: string; state: "On" | "Off" };
export type ClusterEndpoint = { region: string; url: string };

/** The endpoints from `start` on, each once. */
export const inRotation = <T>(endpoints: T[], start: number): T[] => {
  const from = endpoints.length ? Math.abs(Math.trunc(start)) % endpoints.length : 0;
  return [...endpoints.slice(from), ...endpoints.slice(0, from)];
};

/** One endpoint cannot answer now: another may. [SDK route53-recovery-cluster] */
export const isEndpointFault = (code: string) =>
  ["EndpointTemporarilyUnavailableException", "InternalServerException", "ThrottlingException"].includes(code);

/** The state of every routing control of the plan so that `side` serves: one On, its counterpart Off. */
export const expectedStates = ({ records }: Traffic, side: "primary" | "recovery"): ControlState[] => {
  const states = new Map<string, ControlState>();
  for (const { routingControls } of records) {
    if (!routingControls) continue;
    for (const each of ["primary", "recovery"] as const)
      states.set(routingControls[each], { control: routingControls[each], state: each === side ? "On" : "Off" });
  }
  return [...states.values()].sort((a, b) => (a.control < b.control ? -1 : 1));
};

/** Those of the wanted states that are otherwise now. */
export const deviatingStates = (wanted: ControlState[], now: ControlState[]) =>
  wanted.filter(({ control, state }) => now.find((one) => one.control === control)?.state !== state);

/** Before a run: can it be switched, and do the states agree with the row? `side` serves now. */
export const judgeStates = (traffic: Traffic, side: "primary" | "recovery", now: ControlState[]): Findings => {
  const warnings = deviatingStates(expectedStates(traffic, side), now).map(
    ({ control, state }) => `${nameOf(control)} is not ${state}, though the ${side} side serves`,
  );
  return { problems: recordsWithout(traffic), warnings };
};

export const recordsWithout = ({ records }: Traffic) =>
  records.flatMap(({ name, type, routingControls }: TrafficRecord) =>
    routingControls ? [] : [`${name} ${type}: it has no routing controls, so nothing would move it`],
  );

/** The last part of an ARN is enough for a person. */
export const nameOf = (control: string) => `routing control ${control.split("/").at(-1)}`;
