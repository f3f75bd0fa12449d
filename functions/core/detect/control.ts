import type { Plan } from "../model/plan.ts";
import { type Reading, unclear } from "./witness.ts";

/** Large Regions that no account has to enable; not us-east-1, which may be what everybody is waiting for. */
const candidates = ["us-west-2", "eu-west-1", "ap-northeast-1"];

/** A third Region of the same partition; null where there is none (China, GovCloud). */
export const defaultControl = ({ primary, recovery }: Plan["regions"]): string | null =>
  /^(cn|us-gov)-/.test(recovery) ? null : (candidates.find((one) => one !== primary && one !== recovery) ?? null);

/** `silence`: why nothing came back; null when a Region answered, be it with an error. */
export type Control = { region: string; silence: string | null };

/** A red reading of what we look at ourselves says nothing when a third Region is as silent: then it is we who are cut off. */
export const controlled = (reading: Reading, control: Control | null): Reading =>
  reading.state === "unhealthy" && control && control.silence !== null
    ? unclear(`${control.region} does not answer either (${control.silence}): ${reading.because}`)
    : reading;
