import type { Evidence } from "../../core/detect/evidence.ts";
import type { AnnouncedMessage, FailoverIntent, MassMessage } from "../../core/detect/mass-failover.ts";
import type { SensorReport } from "../../core/detect/sensor-report.ts";
import { type Controls, noControls } from "../../core/model/operator-controls.ts";
import type { Row } from "../../core/model/row.ts";
import { type Proof, type StepProof, unproven } from "../../core/readiness/proof.ts";
import type { Readiness } from "../../core/readiness/readiness.ts";
import type { TrafficPlace } from "../../core/traffic/traffic-place.ts";
import { type Asked, askedOf, questionItems } from "./approval-items.ts";
import type { Table } from "./table.ts";

/** All that one evaluation of an application begins with. */
export type Watched = {
  planVersion: string | null;
  row: Row | null;
  evidence: Evidence | null;
  controls: Controls;
  sensors: SensorReport[];
  /** What a run asks, or the last one did. */
  asked: Asked | null;
  /** Where traffic was seen last. */
  trafficPlace: TrafficPlace | null;
  /** What the rights of a failover were found to be last; null where the plan was deployed before they were tried. */
  proof: Proof | null;
  /** What the last readiness check found; null before the first one. */
  readiness: Readiness | null;
  /** Who wanted to move by itself, old wishes included. */
  storm: FailoverIntent[];
  /** What a topic was told of a storm last; null when nothing. */
  stormTold(topic: string): AnnouncedMessage | null;
};

export const stormKey = { pk: "#storm", sk: "list" };
/** Partition of what sensors write: their roles reach no other item, and so neither the row nor the plan. */
export const sensorKey = (application: string) => `${application}#sensors`;
const wish = "wish_";
/** An ARN as the name of an attribute: no two have the same. */
const keyOf = (topic: string) =>
  topic.replace(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
const toldKey = (topic: string) => `told_${keyOf(topic)}`;
const sentKey = (topic: string) => `sent_${keyOf(topic)}`;
const namedKey = (topic: string) => `named_${keyOf(topic)}`;
const announcedOf = (storm: Record<string, unknown> | null | undefined, topic: string): AnnouncedMessage | null => {
  const at = storm?.[toldKey(topic)] as string | undefined;
  if (at === undefined) return null;
  return { at, applications: (storm?.[namedKey(topic)] ?? []) as string[], sent: storm?.[sentKey(topic)] === at };
};
const key = (application: string, sk: string) => ({ pk: application, sk });

/** Items of the table that watching and the people on call need. */
export const watchItems = (table: Table) => ({
  /** One call, whatever there is to read. */
  async watched(application: string): Promise<Watched> {
    const items = ["plan", "row", "evidence", "controls", "question", "traffic", "proof", "readiness"].map((sk) =>
      key(application, sk),
    );
    const [plan, row, evidence, controls, question, place, proof, readiness, sensors, storm] = await table.getMany([
      ...items,
      key(sensorKey(application), "sensors"),
      stormKey,
    ]);
    return {
      planVersion: (plan as { version: string } | null)?.version ?? null,
      row: row ? ({ run: null, protect: null, lastRun: null, ...row } as Row) : null,
      evidence: (evidence ?? null) as Evidence | null,
      controls: { ...noControls, ...controls },
      sensors: Object.values(sensors ?? {}) as SensorReport[],
      asked: question ? askedOf(question) : null,
      trafficPlace: (place ?? null) as TrafficPlace | null,
      proof: (proof ?? null) as Proof | null,
      readiness: (readiness ?? null) as Readiness | null,
      storm: Object.entries(storm ?? {}).flatMap(([name, entry]) =>
        name.startsWith(wish) ? (entry as FailoverIntent) : [],
      ),
      stormTold: (topic) => announcedOf(storm, topic),
    };
  },

  trafficPlace: (application: string) => table.get<TrafficPlace>(key(application, "traffic")),
  /** Writes where traffic was seen, unless another evaluation has since `before`: false then. */
  saveTrafficPlace: (application: string, place: TrafficPlace, before: TrafficPlace | null): Promise<boolean> =>
    table.put(
      key(application, "traffic"),
      place,
      before === null ? { absent: "revision" } : { equal: ["revision", before.revision] },
    ),

  proof: (application: string) => table.get<Proof>(key(application, "proof")),
  saveProof: (application: string, proof: Proof) => table.put(key(application, "proof"), proof),
  saveReadiness: (application: string, readiness: Readiness) => table.put(key(application, "readiness"), readiness),
  /** The next proof comes with the next evaluation; what the last one found stays until then. False when there is none, or a new one. */
  makeProofDue: async (application: string): Promise<boolean> => {
    const at = key(application, "proof");
    const proof = await table.get<Proof>(at);
    return proof?.at ? table.put(at, { ...proof, due: true }, { equal: ["at", proof.at] }) : false;
  },
  /** A plan is deployed: its rights are proven anew, an hour later. `absent`: only where nothing is noted yet. */
  beginProof: (application: string, now: Date, when: "always" | "absent" = "always") =>
    table.put(key(application, "proof"), unproven(now.toISOString()), when === "absent" ? { absent: "pk" } : undefined),
  /** What each step of this dry execution tried; the next one overwrites it. */
  async stepProofs(application: string, run: string): Promise<StepProof[]> {
    return (await table.query<StepProof>(application, "proof#")).filter((one) => one.run === run);
  },
  /** Each way to write is a right of its own. */
  saveStepProof: (
    application: string,
    proof: StepProof,
    how: "PutItem" | "UpdateItem" | "BatchWriteItem",
  ): Promise<unknown> => {
    const at = key(application, `proof#${proof.step}`);
    if (how === "PutItem") return table.put(at, proof);
    return how === "UpdateItem" ? table.update(at, { set: proof }) : table.write([{ key: at, item: proof }]);
  },

  async controls(application: string): Promise<Controls> {
    return { ...noControls, ...(await table.get<Controls>(key(application, "controls"))) };
  },
  /** Sets some of them; the others stay. */
  setControls: (application: string, set: Partial<Controls>) => table.update(key(application, "controls"), { set }),

  /** The sensors of several Regions write one item, each its own attribute. */
  saveSensorReport: (application: string, report: SensorReport) =>
    table.update(key(sensorKey(application), "sensors"), { set: { [report.region.replaceAll("-", "_")]: report } }),

  /** Writes the evidence of an evaluation, unless another evaluation was written since this one has read it: false then. */
  saveEvaluation: (application: string, evidence: Evidence, before: Evidence | null): Promise<boolean> => {
    const revision = before?.revision;
    return table.put(
      key(application, "evidence"),
      evidence,
      revision === undefined ? { absent: "revision" } : { equal: ["revision", revision] },
    );
  },

  /** Thirty applications may write at the same moment: each has an attribute of its own, and none waits for another. */
  saveStorm: (entry: FailoverIntent) =>
    table.update(stormKey, { set: { [`${wish}${entry.application.replaceAll("-", "_")}`]: entry } }),
  /** What a topic was told of a storm last, as `watched` has it. */
  async stormTold(): Promise<Watched["stormTold"]> {
    const storm = await table.get<Record<string, unknown>>(stormKey);
    return (topic) => announcedOf(storm, topic);
  },
  /** True for the one evaluation that may tell a topic of a storm: nobody has since `before`. */
  claimStorm: (topic: string, { at, applications }: MassMessage, before: string | null): Promise<boolean> => {
    const name = toldKey(topic);
    return table.update(
      stormKey,
      { set: { [name]: at, [namedKey(topic)]: applications } },
      before === null ? { absent: name } : { equal: [name, before] },
    );
  },
  /** These topics took the message that was claimed at `at`. */
  stormSent: (topics: string[], at: string) =>
    table.update(stormKey, { set: Object.fromEntries(topics.map((topic) => [sentKey(topic), at])) }),

  ...questionItems(table),
});
