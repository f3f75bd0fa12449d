import { beforeAll, describe, expect, it } from "vitest";
import { tagKeys } from "../../../functions/core/names.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { tag } from "../../../simulator/ec2/tags.ts";
import { deleteCopies, deleteGroups } from "../../../simulator/scenario/deletions.ts";
import type { Story } from "../../../simulator/story/played-story.ts";
import { stateOf } from "../../../simulator/world/state-of.ts";
import { playPair } from "../../support/pair.ts";

/** Two passes have left two complete points of the one resource. */
const scenario = { faults: [{ at: "-6h", for: "1s", fault: "slow-copy", factor: 1 }], until: "1m" };
let story: Story;
beforeAll(async () => {
  story = await playPair({ scenario });
});

describe("a cleaner", () => {
  it("a cleaner takes images and copies of the newest points in the recovery Region, and leaves the older ones", () => {
    const { world, plan } = story;
    const { points } = stateOf(world, "eu-central-1", plan.application);
    const complete = points.filter(({ state }) => state === "complete").map(({ id }) => id);
    const { images, snapshots } = ec2Of(world, "eu-central-1");
    const pointsOf = (kept: Iterable<Parameters<typeof tag>[0]>) =>
      [...new Set([...kept].map((one) => tag(one, tagKeys.point)))].sort();
    expect(complete.length).toBeGreaterThan(1);
    expect(pointsOf(snapshots.values())).toEqual([...complete].sort());
    expect(pointsOf(images.values())).toEqual(complete.slice(-1));
    const locked = [...snapshots.values()].find((one) => tag(one, tagKeys.point) === complete.at(-1))!;
    locked.lockedUntil = world.now() + 1e9;

    deleteCopies(world, plan, 1);

    expect(pointsOf(images.values())).toEqual([]);
    expect([...snapshots.values()].filter((one) => tag(one, tagKeys.point) === complete.at(-1))).toEqual([locked]);
    expect(pointsOf(snapshots.values())).toEqual([...complete].sort());
  });
});

it("a security group that is deleted is gone, but for one in use", () => {
  const { world, plan } = story;
  const ec2 = ec2Of(world, "eu-central-1");
  const [group] = plan.protect[0]!.launch.securityGroups as [string];
  const user = { ...ec2.networkInterfaces.values().next().value!, id: "eni-1", securityGroups: [group] };
  ec2.networkInterfaces.set("eni-1", user);
  deleteGroups(world, plan);
  expect(ec2.securityGroups.has(group)).toBe(true);
  ec2.networkInterfaces.delete("eni-1");
  deleteGroups(world, plan);
  expect(ec2.securityGroups.has(group)).toBe(false);
});
