import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan, RecordValue, TrafficRecord, Witness } from "../../functions/core/model/plan.ts";
import type { FurtherApplication, Scenario } from "../scenario/schema.ts";

/** Every plan of a story: the given one, and for each further application a copy that protects nothing. */
export const plansOf = (plan: Plan, scenario: Scenario): Plan[] => [
  plan,
  ...scenario.applications.map((one, index) => copyOf(plan, one, index + 1)),
];

/**
 * A warm standby of the same kind: the same witnesses, switched by takeover, with a domain, a zone and addresses of its own.
 * [RFC 2544: 198.18.0.0/15 is kept for tests]
 */
const copyOf = (
  plan: Plan,
  { application, priority, primary, recovery, action }: FurtherApplication,
  place: number,
) => {
  const regions = { primary: primary ?? protectedOf(plan), recovery: recovery ?? homeOf(plan) };
  const moved = (region: string) =>
    region === protectedOf(plan) ? protectedOf({ regions }) : region === homeOf(plan) ? homeOf({ regions }) : region;
  const zone = `Z${application.toUpperCase().replaceAll(/[^A-Z0-9]/g, "")}`;
  const addresses = { primary: `198.18.${place}.10`, recovery: `198.19.${place}.10` };
  const records = plan.traffic?.records.map((record, at) => recordOf(record, `r${at + 1}.${application}.test`));
  const to = { application, zone, host: records?.[0]?.name ?? `www.${application}.test`, addresses, moved };
  return {
    ...plan,
    application,
    regions,
    priority: priority ?? plan.priority,
    protect: [],
    detect: {
      ...plan.detect,
      action: action ?? plan.detect.action,
      witnesses: plan.detect.witnesses.map((witness) => witnessOf(witness, plan, to)),
    },
    recover: { ...plan.recover, waves: [] },
    traffic: records
      ? {
          switch: "takeover" as const,
          cluster: null,
          healthCheck: "create",
          zone,
          acceptControlPlane: false,
          allowHealthInputs: false,
          records: records.map((record) => ({ ...record, ...valuesOf(addresses), zone })),
        }
      : null,
  } satisfies Plan;
};

const recordOf = ({ ttlSeconds, setIdentifiers }: TrafficRecord, name: string) => ({
  name,
  ttlSeconds,
  setIdentifiers,
  type: "A" as const,
  policy: "failover" as const,
  private: false,
  steps: [100],
  gateSeconds: 0,
  routingControls: null,
});

type Addresses = { primary: string; recovery: string };

const valuesOf = ({ primary, recovery }: Addresses): Record<"primary" | "recovery", RecordValue> => ({
  primary: { addresses: [primary] },
  recovery: { addresses: [recovery] },
});

type Target = {
  application: string;
  zone: string;
  host: string;
  addresses: Addresses;
  moved(region: string): string;
};

const witnessOf = (witness: Witness, plan: Plan, { application, zone, host, addresses, moved }: Target): Witness => {
  if (witness.kind === "probe") {
    const url = new URL(witness.url);
    url.hostname = host;
    const from = witness.from && moved(witness.from);
    return { ...witness, url: url.href, connect: witness.connect && addresses[witness.side], from };
  }
  if (witness.kind === "healthCheck") {
    const text = witness.text
      .replace(`_lifeboat-${plan.application}`, `_lifeboat-${application}`)
      .replace(plan.traffic?.records[0]?.name ?? host, host);
    return { ...witness, healthCheck: `${witness.healthCheck}-${application}`, text, zone };
  }
  const region = moved(witness.region);
  return witness.kind === "alarm"
    ? { ...witness, alarm: `${application}-${witness.alarm}`, region }
    : { ...witness, region };
};
