import { notAfter, secondsSince } from "../clock/time.ts";
import { own } from "../own.ts";
import type { SensorReport } from "./sensor-report.ts";
import { freshSeconds, type Reading, unclear } from "./witness.ts";

/**
 * When a Region's sensor reported last, by our own clock (ISO 8601), and the time that its report bore. Sensors' clocks
 * may be wrong: what counts is when a new report was there.
 */
export type Heartbeat = { at: string; report: string };

/**
 * Notes which sensors reported. A report that another one has replaced since the last evaluation came between that evaluation and now, whatever
 * its clock says; of the first one seen only its own time is known, and one of the future counts as now.
 */
export const recordHeartbeats = (
  before: Record<string, Heartbeat>,
  lastEvaluationAt: string | null,
  sensors: SensorReport[],
  now: Date,
): Record<string, Heartbeat> => {
  const heartbeats: Record<string, Heartbeat> = {};
  for (const { region, at: report } of sensors) {
    if (Number.isNaN(Date.parse(report))) continue;
    const known = before[region];
    const said = notAfter(report, now);
    const earliest = known && known.report !== report && lastEvaluationAt ? notAfter(lastEvaluationAt, now) : "";
    const at = known?.report === report ? notAfter(known.at, now) : said > earliest ? said : earliest;
    heartbeats[region] = { at, report };
  }
  return heartbeats;
};

/** `silence`: no report of the sensor of a Region for so long. One that never reported says nothing. */
export const readSilence = (
  region: string,
  afterSeconds: number,
  heartbeat: Heartbeat | undefined,
  now: Date,
): Reading => {
  if (!heartbeat) return unclear(`the sensor of ${region} never reported`);
  const seconds = Math.floor(secondsSince(heartbeat.at, now));
  if (seconds > afterSeconds)
    return { state: "unhealthy", because: `the sensor of ${region} is silent for ${seconds} s`, silent: false };
  return {
    state: "healthy",
    because: `the sensor of ${region} reported ${seconds} s ago`,
    silent: false,
    at: heartbeat.at,
  };
};

/** A probe from a third Region, as its sensor reported it; an old report is silence. */
export const readReport = (
  witness: string,
  region: string,
  report: SensorReport | undefined,
  heartbeat: Heartbeat | undefined,
  now: Date,
): Reading => {
  if (!report || !heartbeat) return unclear(`the sensor of ${region} never reported`);
  const seconds = Math.floor(secondsSince(heartbeat.at, now));
  if (seconds > freshSeconds)
    return { ...unclear(`the sensor of ${region} did not report for ${seconds} s`), silent: true };
  const reading = own(report.probes, witness);
  if (!reading) return unclear(`the sensor of ${region} does not know ${witness} yet`);
  return { ...reading, because: `from ${region}: ${reading.because}`, at: heartbeat.at };
};
