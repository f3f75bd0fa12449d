import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const textsOf = (folder: URL) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"));

/** What is exported and takes clients, or what stands on them. */
const asksAws = /^export const (\w+) = (?:async )?\(\s*(?:clients|outside|\{ (?:clients|store|table) \}):/gm;

/** What no contract can hold: moto refuses it, or makes something else. */
const notInMoto: Record<string, string> = {
  readRow: "reads by the store, which is in the contract",
  resumeTask: "SendTaskSuccess takes any token; the flow waits for its timeout",
  tryReplaceAcl: "a dry run of ReplaceNetworkAclAssociation replaces it",
  tryResume: "SendTaskSuccess takes any token",
  trySuspend: "SuspendProcesses of a group that is not there is HTTP 500",
  statesLeft: "an execution that moto does not run has a made-up history",
  fastRestored: "DescribeFastSnapshotRestores is NotImplemented",
  refusesFirstMetadata: "GetInstanceMetadataDefaults is NotImplemented",
  lockSnapshot: "LockSnapshot is HTTP 500",
  volumesLoading: "DescribeVolumeStatus is NotImplemented",
  createImage: "CreateImage with tags for its snapshots is NotImplemented",
  copyImage: "CopyImage makes an unrelated snapshot, and reads neither key nor tags",
  wholeImages: "tells of images of CreateImage and CopyImage",
  managedAmong: "DescribeInstanceInformation is HTTP 500",
  sendDocument: "every command succeeds, whatever it is, and its results cannot be asked for",
  documentResults: "ListCommandInvocations is HTTP 500",
  readStates: "moto has no ARC cluster",
  updateStates: "moto has no ARC cluster",
};

it("the contract that moto answers has every function that asks AWS", () => {
  const contract = ["../moto/contract/", "../moto/"]
    .flatMap((folder) => textsOf(new URL(folder, import.meta.url)))
    .join("\n");
  const asking = textsOf(new URL("../../functions/aws/", import.meta.url)).flatMap((text) =>
    [...text.matchAll(asksAws)].map(([, name]) => name!),
  );
  expect(asking.length).toBeGreaterThan(40);
  const missing = asking.filter((name) => !new RegExp(`\\b${name}\\(`).test(contract));
  expect(missing.sort()).toEqual(Object.keys(notInMoto).sort());
});
