import type { Plan } from "../../functions/core/model/plan.ts";
import type { Random } from "../../simulator/random.ts";

/** A scenario file, drawn: outages, witnesses that err, events and people that come at the wrong moment. */
export const incidentScenario = (random: Random, plan: Plan, name: string) => {
  const minutes = (low: number, high: number) => Math.round(random.between(low, high));
  const at = (low = 0, high = 60) => `${Math.round(random.between(low, high) * 60)}s`;
  const some = <T>(most: number, draw: () => T): T[] =>
    Array.from({ length: Math.floor(random.between(0, most + 1)) }, draw);
  const several = random.chance(0.3);
  const names = several ? [plan.application, "blog"] : [plan.application];
  const witness = () => {
    const { name: witnessName, kind } = random.pick(plan.detect.witnesses);
    const states =
      kind === "silence" || kind === "awsHealth" ? ["healthy", "unhealthy"] : ["healthy", "unhealthy", "cannot-tell"];
    return {
      at: at(),
      for: `${minutes(1, 20)}m`,
      fault: "witness",
      name: witnessName,
      state: random.pick(states),
    };
  };
  const outages = [
    ...some(2, () => ({ at: at(), for: `${minutes(1, 25)}m`, fault: "region-down", region: "primary" })),
    ...(random.chance(0.4) ? [{ at: at(0, 40), fault: "region-down", region: "primary" }] : []),
    ...(random.chance(0.1) ? [{ at: at(), for: `${minutes(1, 15)}m`, fault: "region-down", region: "recovery" }] : []),
    ...(random.chance(0.1) ? [{ at: at(), for: "20m", fault: "region-down", region: "us-east-1" }] : []),
  ];
  const delivery = random.pick([
    [],
    [],
    [{ at: "-10m", fault: "duplicate-events" }],
    [{ at: "-10m", fault: "late-events", by: `${minutes(1, 6)}m` }],
    [{ at: "-10m", fault: "lost-events", rate: 0.5 }],
  ]);
  const deeds = some(3, () => ({
    at: at(-5, 70),
    application: random.pick(names),
    do: random.pick(["pause", "resume", "approve", "approve", "withhold", "acknowledge", "failover"]),
  }));
  const resumed = deeds.filter((deed) => deed.do === "pause" && random.chance(0.7));
  return {
    name,
    until: "3h",
    faults: [...outages, ...some(3, witness), ...delivery],
    operations: [...deeds, ...resumed.map(({ application }) => ({ at: at(20, 80), application, do: "resume" }))],
    events: some(3, () => ({ at: at(), event: alarmEvent(random, plan) })),
    applications: several ? [{ application: "blog" }] : [],
  };
};

/** An alarm's change as CloudWatch sends it, perhaps old, of a witness or of a stranger. */
const alarmEvent = (random: Random, { detect, regions }: Plan) => {
  const alarm = detect.witnesses.find((one) => one.kind === "alarm");
  const known = alarm && random.chance(0.8);
  const value = random.pick(["ALARM", "OK", "INSUFFICIENT_DATA"]);
  return {
    version: "0",
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    account: "${account}",
    region: known ? alarm.region : regions.primary,
    detail: {
      alarmName: known ? alarm.alarm : "somebody-elses",
      state: { value, reason: "drawn", timestamp: `\${T${random.pick(["-30m", "+1m", "+10m", "+25m", "+2h"])}}` },
      previousState: { value: "OK" },
    },
  };
};
