import type { ApiCall } from "../../bench/proxy/read-call.ts";

/** As launcher.py takes it. */
export type EbsEvent = {
  region: string;
  source: "aws.ec2";
  detailType: string;
  detail: Record<string, unknown>;
  resources: string[];
};

const valuesOf = (reply: string, element: string) =>
  [...reply.matchAll(new RegExp(`<${element}>([^<]+)</${element}>`, "g"))].map(([, value]) => value!);

/** What EBS puts on the bus of a Region after this call was answered: ARNs without account, times to the second. [EBS:ebs-cloud-watch-events] */
export const ebsEvents = ({ operation, region, params }: ApiCall, reply: string): EbsEvent[] => {
  const arnOf = (kind: string, id: string, place = region) => `arn:aws:ec2::${place}:${kind}/${id}`;
  const now = new Date().toISOString().replace(/\.\d{3}/, "");
  const ended = { result: "succeeded", cause: "", "request-id": "", startTime: now, endTime: now };
  const ids = [...new Set(valuesOf(reply, "snapshotId"))];
  const volumes = valuesOf(reply, "volumeId");
  const resources = ids.map((id) => arnOf("snapshot", id));
  const event = (detailType: string, detail: object): EbsEvent => ({
    region,
    source: "aws.ec2",
    detailType,
    resources,
    detail: { ...ended, ...detail },
  });
  if (operation === "CreateSnapshots")
    return [
      event("EBS Multi-Volume Snapshots Completion Status", {
        event: "createSnapshots",
        snapshots: ids.map((id, at) => ({
          snapshot_id: arnOf("snapshot", id),
          source: arnOf("volume", volumes[at] ?? "vol-unknown"),
          status: "completed",
        })),
      }),
    ];
  if (operation !== "CopySnapshot") return [];
  const source = arnOf("snapshot", params.get("SourceSnapshotId") ?? "", params.get("SourceRegion") ?? "");
  const detail = { event: "copySnapshot", snapshot_id: resources[0], source, incremental: "true" };
  return [event("EBS Snapshot Notification", detail)];
};
