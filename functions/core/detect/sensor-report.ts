import type { Reading } from "./witness.ts";

/** What the sensor of one Region saw of one application; that it came at all is the Region's heartbeat. */
export type SensorReport = {
  region: string;
  /** By the sensor's own clock, ISO 8601. */
  at: string;
  /** Readings of the probes that the plan wants from there, by witness. */
  probes: Record<string, Reading>;
};
