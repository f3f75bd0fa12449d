import type { Witness } from "../model/plan.ts";
import { own } from "../own.ts";
import { type HealthIssue, readHealth } from "./aws-health.ts";
import { type Control, controlled } from "./control.ts";
import { type Heartbeat, readReport, readSilence } from "./heartbeat.ts";
import { type ProbeAnswer, readProbe } from "./probe.ts";
import type { SensorReport } from "./sensor-report.ts";
import type { Vote } from "./vote.ts";
import {
  type AlarmChange,
  type AlarmState,
  type CallResult,
  type Reading,
  readAlarm,
  readApi,
  readHealthText,
  type TextAnswer,
  unclear,
} from "./witness.ts";

/** What was asked of the outside: alarms and APIs by Region, probes and TXT pairs by witness. */
export type Answers = {
  alarms: Record<string, CallResult<Record<string, AlarmState>>>;
  apis: Record<string, CallResult<unknown>>;
  probes: Record<string, ProbeAnswer>;
  texts: Record<string, TextAnswer>;
  /** Asked only when something is red; null or absent: it was not. */
  control?: Control | null;
};

/** What others have reported. `home`: Region of the controller, which probes itself. */
type Known = {
  change: AlarmChange | null;
  sensors: SensorReport[];
  heartbeats: Record<string, Heartbeat>;
  issues: Record<string, HealthIssue>;
  home: string;
  now: Date;
};

/** The probes that the controller makes itself; the others come with the report of a sensor. */
export const isProbedHere = (witness: Witness, home: string) =>
  witness.kind === "probe" && (witness.from === null || witness.from === home);

/** What a witness says at this evaluation, from all answers and reports. */
export const readWitness = (witness: Witness, answers: Answers, vote: Vote | undefined, known: Known): Reading => {
  const reading = readOne(witness, answers, vote, known);
  return isSeenFromHere(witness, known.home) ? controlled(reading, answers.control ?? null) : reading;
};

/** What our own lines may make red: what the controller asks itself, and what sensors send to it. */
export const isSeenFromHere = (witness: Witness, home: string) =>
  witness.kind === "api" || witness.kind === "silence" || isProbedHere(witness, home);

const readOne = (witness: Witness, answers: Answers, vote: Vote | undefined, known: Known): Reading => {
  const { change, sensors, heartbeats, issues, home, now } = known;
  switch (witness.kind) {
    case "alarm": {
      const { alarm, region } = witness;
      const own = change?.alarm === alarm && change.region === region ? change : null;
      return readAlarm(alarm, answers.alarms[region] ?? notAsked, own, vote?.at ?? null, now);
    }
    case "api":
      return readApi(answers.apis[witness.region] ?? notAsked);
    case "healthCheck":
      return readHealthText(witness.text, own(answers.texts, witness.name) ?? { error: notAsked.because });
    case "silence":
      return readSilence(witness.region, witness.afterSeconds, heartbeats[witness.region], now);
    case "awsHealth":
      return readHealth(witness, issues, heartbeats, home, now);
    case "probe": {
      const { name, from } = witness;
      if (from === null || isProbedHere(witness, home)) {
        const answer = own(answers.probes, name);
        return answer ? readProbe(witness, answer) : unclear(notAsked.because);
      }
      const report = sensors.find(({ region }) => region === from);
      return readReport(name, from, report, heartbeats[from], now);
    }
  }
};

const notAsked = { silent: false, because: "it was not asked" };
