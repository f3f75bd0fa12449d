import { isIP } from "node:net";
import { alarmStates } from "../functions/aws/alarms.ts";
import { codeOf } from "../functions/aws/calls/errors.ts";
import { healthCheck } from "../functions/aws/health-checks.ts";
import { tcpTarget } from "../functions/core/detect/probe.ts";
import type { Detect, Probe } from "../functions/core/model/plan.ts";
import type { Context } from "../functions/runtime/context.ts";

export type WitnessFindings = { problems: string[]; warnings: string[] };

type Network = Pick<Context, "clients" | "net">;

/** Does what the witnesses name exist? Reads only; a Region, or a resolver, that does not answer is a warning. */
export const checkWitnesses = async ({ clients, net }: Network, { witnesses }: Detect): Promise<WitnessFindings> => {
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
  for (const witness of witnesses) {
    const host = witness.kind === "probe" ? hostOf(witness) : "";
    const error = host && !isIP(host) ? await whyUnresolved(net, host) : null;
    if (error && isUnknown.has(error)) found.problems.push(`witness ${witness.name}: the name ${host} does not exist`);
    else if (error) found.warnings.push(`the name ${host} could not be resolved: ${error}`);
  }
  return found;
};

const hostOf = ({ url, connect }: Probe) =>
  connect ?? tcpTarget(url)?.host ?? new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");

/** What a resolver says of a name that is not there, or has no address of that family. */
const isUnknown = new Set(["ENOTFOUND", "ENODATA"]);
const resolveSeconds = 3;

/** Null when the name has an address of either family; else the error that says most. */
const whyUnresolved = async (net: Network["net"], name: string): Promise<string | null> => {
  const question = { name, server: null, timeoutSeconds: resolveSeconds };
  const answers = await Promise.all((["A", "AAAA"] as const).map((type) => net.resolve({ ...question, type })));
  const errors = answers.flatMap((answer) => ("error" in answer ? [answer.error] : []));
  if (errors.length < answers.length) return null;
  return errors.find((error) => !isUnknown.has(error)) ?? errors[0] ?? null;
};
