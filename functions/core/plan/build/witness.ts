import type { Witness } from "../../model/plan.ts";
import type { PlanDocument } from "../schema/plan.ts";
import { secondsOf } from "../values/values.ts";

type WitnessDocument = NonNullable<PlanDocument["detect"]>["witnesses"][number];

/** @param text name of the TXT pair, and @param zone its hosted zone: of a health check only. */
export const toWitness = (given: WitnessDocument, text: string, zone: string): Witness => {
  const { name } = given;
  if ("alarm" in given) return { name, kind: "alarm", alarm: given.alarm, region: given.region };
  if ("healthCheck" in given) return { name, kind: "healthCheck", healthCheck: given.healthCheck, text, zone };
  if ("api" in given) return { name, kind: "api", region: given.api };
  if ("silence" in given) return { name, kind: "silence", region: given.silence, afterSeconds: secondsOf(given.after) };
  if ("awsHealth" in given) return { name, kind: "awsHealth", services: given.awsHealth, region: given.region };
  const { url, connect, side, expect, contains, from } = given.probe;
  return {
    name,
    kind: "probe",
    url,
    connect: connect ?? null,
    side,
    expect: expect === undefined ? [] : [expect].flat(),
    contains: contains ?? null,
    from: from ?? null,
  };
};
