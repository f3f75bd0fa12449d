import { isApplicationName } from "../../names.ts";

/** An event for Wake: snapshots that have ended, or the reason why the event is dropped. */
export type EbsEvent =
  | { application: string; region: string; kind: "snapshot" | "copy"; ids: string[] }
  | { dropped: "NotShaped"; because: string };

const types = ["EBS Snapshot Notification", "EBS Multi-Volume Snapshots Completion Status"];
const kinds = new Map<unknown, "snapshot" | "copy">([
  ["createSnapshot", "snapshot"],
  ["createSnapshots", "snapshot"],
  ["copySnapshot", "copy"],
]);

/** Reads `{ application, event }`: an event of EBS with its application put around it. [EBS:ebs-cloud-watch-events] */
export const readEbsEvent = (input: unknown): EbsEvent => {
  const { application, event } = asObject(input);
  if (!isApplicationName(application)) return dropped("application", application);
  const { source, "detail-type": type, region, resources, detail } = asObject(event);
  if (source !== "aws.ec2" || !isText(type) || !types.includes(type)) return dropped("detail-type", type);
  const { event: what } = asObject(detail);
  const kind = kinds.get(isText(what) ? what.trim() : null);
  if (!kind) return dropped("detail.event", what);
  if (typeof region !== "string" || !Array.isArray(resources)) return dropped("resources", resources);

  const ids = resources.flatMap((arn) => snapshotIn(arn) ?? []);
  return ids.length ? { application, region, kind, ids } : dropped("resources", resources);
};

/** ARNs of snapshots come in two layouts, so the id is found by its shape. */
const snapshotIn = (arn: unknown) => (isText(arn) ? /snap-[0-9a-f]+$/.exec(arn)?.[0] : null);

const dropped = (part: string, got: unknown): EbsEvent => ({
  dropped: "NotShaped",
  because: `${part} does not match an EBS event (got ${shown(got)})`,
});
const isText = (value: unknown): value is string => typeof value === "string";
/** A value as one line of the log shows it. */
const shown = (value: unknown) => (isText(value) ? JSON.stringify(value.slice(0, 80)) : typeof value);
const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
