import { beforeAll, describe, expect, it } from "vitest";
import { tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { leftovers } from "../../simulator/invariants/invariants.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { playPair } from "../support/pair.ts";

const source = ({ world }: Story) => ec2Of(world, "eu-west-1");
const target = ({ world }: Story) => ec2Of(world, "eu-central-1");

describe("what no pass may leave behind", () => {
  let story: Story;
  beforeAll(async () => {
    story = await playPair({ run: "replicate", scenario: { faults: [] } });
  });

  it.each<[string, (story: Story) => () => void, RegExp]>([
    [
      "two source snapshots of one volume in one point",
      (story) => added(source(story).snapshots, { id: "snap-twin" }),
      /^two source snapshots of server\.\S+ vol-/,
    ],
    [
      "two copies of one snapshot",
      (story) => added(target(story).snapshots, { id: "snap-twin" }),
      /^two copies of snap-/,
    ],
    [
      "an image of no point",
      (story) => added(target(story).images, { id: "ami-stray", name: "lifeboat-stray" }),
      /^image lifeboat-stray belongs to no point$/,
    ],
    [
      "a snapshot of no point",
      (story) => {
        const tags = [
          { Key: tagKeys.application, Value: "pair" },
          { Key: tagKeys.point, Value: "server.20200101T000000Z" },
        ];
        return added(target(story).snapshots, { id: "snap-stray", copyOf: null, tags });
      },
      /^snap-stray belongs to no point$/,
    ],
  ])("%s", (_, tamper, says) => {
    const undo = tamper(story);
    const found = leftovers(story);
    undo();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
    expect(leftovers(story)).toEqual([]);
  });
});

/** Adds a changed twin of the first entry; gives what takes it away again. */
const added = <T extends { id: string }>(map: Map<string, T>, over: Partial<T> & { id: string }) => {
  map.set(over.id, { ...[...map.values()][0]!, ...over });
  return () => void map.delete(over.id);
};
