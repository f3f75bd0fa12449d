import { alarmStates } from "../aws/alarms.ts";
import { silenceOf, tryCall } from "../aws/calls/try-call.ts";
import { zonesOf } from "../aws/ec2/regions.ts";
import type { Control } from "../core/detect/control.ts";
import { type ProbeAnswer, tcpTarget } from "../core/detect/probe.ts";
import { type Answers, isProbedHere } from "../core/detect/read-witness.ts";
import type { Probe, Witness } from "../core/model/plan.ts";
import type { Context } from "../runtime/context.ts";

const probeSeconds = 3;

/**
 * Asks for all that the controller reads itself, at the same time: one call per Region for its alarms, one for its API, a
 * probe and a TXT question each. Never throws; silence and sensors' reports are read from the table.
 */
export const askWitnesses = async (context: Context, witnesses: Witness[]): Promise<Answers> => {
  const { clients, net, settings } = context;
  const alarmsIn = new Map<string, string[]>();
  for (const witness of witnesses)
    if (witness.kind === "alarm")
      alarmsIn.set(witness.region, [...(alarmsIn.get(witness.region) ?? []), witness.alarm]);
  const apis = new Set(witnesses.flatMap((witness) => (witness.kind === "api" ? [witness.region] : [])));
  const probes = witnesses.filter((witness): witness is Probe => isProbedHere(witness, settings.home));
  const checks = witnesses.filter((witness) => witness.kind === "healthCheck");

  const [alarms, zones, probed, texts] = await Promise.all([
    all([...alarmsIn], async ([region, names]) => [region, await tryCall(alarmStates(clients, region, names))]),
    all([...apis], async (region) => [region, await tryCall(zonesOf(clients, region))]),
    all(probes, async (one) => [one.name, await probe(context, one)]),
    all(checks, async ({ name, text }) => [
      name,
      await net.resolve({ name: text, type: "TXT", server: null, timeoutSeconds: probeSeconds }),
    ]),
  ]);
  return { alarms, apis: zones, probes: probed, texts };
};

/** One cheap question to a third Region: does anything come back? */
export const askControl = async ({ clients }: Context, region: string): Promise<Control> => ({
  region,
  silence: await silenceOf(zonesOf(clients, region)),
});

/** Opens the port of a tcp:// URL, or gets the other ones; `connect` takes the place of the host. */
export const probe = ({ net }: Context, { url, connect }: Probe): Promise<ProbeAnswer> => {
  const target = tcpTarget(url);
  if (!target) return net.http({ url, connect, timeoutSeconds: probeSeconds });
  return net.tcp({ host: connect ?? target.host, port: target.port, timeoutSeconds: probeSeconds });
};

const all = async <T, V>(list: T[], ask: (one: T) => Promise<[string, V]>): Promise<Record<string, V>> =>
  Object.fromEntries(await Promise.all(list.map(ask)));
