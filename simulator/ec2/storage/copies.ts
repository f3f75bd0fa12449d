/** CopySnapshot: slots, durations and errors of copies between Regions. */

import type { CopySnapshotRequest } from "@aws-sdk/client-ec2";
import { copyRefusedSeconds, drawn, fullCopySeconds, incrementalCopySeconds, type Range } from "../../durations.ts";
import { AwsError, type Services, type World } from "../../kernel.ts";
import { ebsDefaultKey, findKey, isUsable } from "../../services/kms.ts";
import { ec2Of, kept, known, type Snapshot } from "../state.ts";
import { tagsFor } from "../tags.ts";
import { tellMissed, tellSnapshot } from "./events.ts";
import { checkTier } from "./shelving.ts";
import { finish } from "./snapshots.ts";
import { checkDuration, timeBasedSeconds } from "./time-based.ts";

export const copies: Services["EC2"] & object = {
  /** Called in the destination Region. Key and source are looked at later: a wrong one ends in `error`. [EBS:ebs-copy-snapshot] */
  CopySnapshot(input: CopySnapshotRequest, { world, region }) {
    const { SourceRegion = "", SourceSnapshotId, KmsKeyId, Encrypted } = input;
    if (KmsKeyId && !Encrypted)
      throw new AwsError("InvalidParameterCombination", "KmsKeyId requires Encrypted to be true");
    checkReached(world, region, SourceRegion);
    const source = known(world, ec2Of(world, SourceRegion).snapshots, SourceSnapshotId, "snapshot");
    if (source.state !== "completed")
      throw new AwsError("IncorrectState", `Snapshot ${source.id} is in state ${source.state}; expected completed`);
    checkTier(world, SourceRegion, source.id);
    if (Encrypted === false && source.key)
      throw new AwsError("InvalidParameterValue", "A copy of an encrypted snapshot cannot be unencrypted");
    checkSlots(world, region, 1);
    const minutes = input.CompletionDurationMinutes ?? null;
    checkDuration(world, region, source, SourceRegion, minutes);
    const key = Encrypted || source.key ? (KmsKeyId ?? ebsDefaultKey(world, region)) : null;
    const copy = addCopy(world, region, {
      source,
      from: SourceRegion,
      key,
      minutes,
      tags: tagsFor("snapshot", input.TagSpecifications),
      description: input.Description ?? `[Copied ${source.id} from ${SourceRegion}]`,
    });
    return { SnapshotId: copy.id, Tags: copy.tags };
  },
};

/** A copy is asked for in its destination, which asks the source with the request that was signed for it. [SDK EC2: CopySnapshot, PresignedUrl] */
export const checkReached = (world: World, region: string, source: string) => {
  const { faults } = world;
  const isCut = faults.isCut(region, source, world.now()) || faults.isCut(source, region, world.now());
  if (isCut || faults.isRegionDown(source, world.now()))
    throw new AwsError("Unavailable", `${source} did not answer`, 503);
};

/** Copies in progress, those of images included. */
const inFlightOf = (world: World, region: string) =>
  [...ec2Of(world, region).snapshots.values()].filter(({ copyOf, state }) => copyOf && state === "pending");

/** Refuses what would go beyond the copies that may be in progress at once. */
export const checkSlots = (world: World, region: string, wanted: number) => {
  if (inFlightOf(world, region).length + wanted > world.faults.copySlots(world.now()))
    throw new AwsError("ResourceLimitExceeded", "Too many snapshot copies in progress in this Region");
};

type Wanted = Pick<Snapshot, "tags" | "description" | "key" | "minutes"> & { source: Snapshot; from: string };

/** A copy of a snapshot of another Region; it begins when no other one of its lineage is in progress. */
export const addCopy = (world: World, region: string, wanted: Wanted): Snapshot => {
  const { source, from, key, tags, description, minutes } = wanted;
  const copy: Snapshot = {
    ...kept(world, region, "snap", tags),
    state: "pending",
    stateMessage: null,
    volume: "vol-ffffffff",
    sizeGiB: source.sizeGiB,
    key: key && (findKey(world, region, key)?.arn ?? key),
    description,
    startedAt: world.now(),
    endsAt: Number.POSITIVE_INFINITY,
    completedAt: null,
    content: source.content,
    lineage: source.lineage,
    copyOf: { region: from, snapshot: source.id },
    minutes,
    lockedUntil: null,
  };
  const before = inFlightOf(world, region).some(({ lineage }) => lineage === copy.lineage);
  ec2Of(world, region).snapshots.set(copy.id, copy);
  if (!before) begin(world, region, copy);
  return copy;
};

/** Copies of one volume's history go one after the other. [EBS:ebs-copy-snapshot, 2023] */
const begin = (world: World, region: string, copy: Snapshot) => {
  const random = world.random.fork(`copy ${copy.id}`);
  const refused = copy.key && !isUsable(world, region, copy.key) ? "Given key ID is not accessible" : null;
  const incremental = isIncremental(world, region, copy);
  const asked = world.notes.get("copySeconds") as Range | undefined;
  const own = incremental ? drawn(random, incrementalCopySeconds) : fullCopySeconds(random, copy.sizeGiB);
  const usual = asked ? drawn(random, asked) : own;
  const standard = usual * world.faults.copyFactor(world.now());
  const timed = copy.minutes ? timeBasedSeconds(world, region, copy, standard) : standard;
  const seconds = refused ? drawn(random, copyRefusedSeconds) : timed;
  const failing = random.chance(world.faults.copyErrorRate(world.now()));
  const begunAt = world.now();
  copy.endsAt = begunAt + seconds * 1_000;
  if (copy.minutes)
    world.within(region, copy.minutes * 60, () => {
      if (copy.state === "pending") tellMissed(world, region, copy);
    });
  goOn(world, region, copy, begunAt, () => {
    const dark = world.faults.wasDown(copy.copyOf!.region, begunAt, world.now());
    const problem = refused ?? (dark ? "Source Region did not answer" : failing ? "Internal error" : null);
    finish(world, copy, problem ? "error" : "completed", problem);
    tellSnapshot(world, region, copy, incremental);
    const next = [...ec2Of(world, region).snapshots.values()].find(
      ({ lineage, state, copyOf }) => lineage === copy.lineage && state === "pending" && copyOf,
    );
    if (next) begin(world, region, next);
  });
};

/**
 * Comes to its end. What goes from Region to Region stands still over a cut link, and goes on when it heals: no public page
 * says what a copy does then; DescribeSnapshots calls it "in progress" until it is complete or has failed. [EBS:ebs-copy-snapshot]
 */
const goOn = (world: World, region: string, copy: Snapshot, since: number, end: () => void) =>
  world.within(region, (copy.endsAt - world.now()) / 1_000, () => {
    const now = world.now();
    const from = copy.copyOf!.region;
    const upAt = Math.max(world.faults.linkUpAt(from, region, now), world.faults.linkUpAt(region, from, now));
    const stood = world.faults.cutMs(from, region, since, now);
    if (stood === 0) return end();
    copy.endsAt = upAt + stood;
    if (Number.isFinite(upAt)) goOn(world, region, copy, upAt, end);
  });

/** Only what changed goes over when the newest copy of the volume still is there, not archived, under the same key. [EBS:ebs-copy-snapshot] */
const isIncremental = (world: World, region: string, copy: Snapshot) =>
  [...ec2Of(world, region).snapshots.values()].some(
    ({ id, lineage, state, key, copyOf }) =>
      copyOf &&
      lineage === copy.lineage &&
      state === "completed" &&
      key === copy.key &&
      !ec2Of(world, region).archived.has(id),
  );
