import { describe, expect, it } from "vitest";
import { playStory } from "../../simulator/story/story.ts";
import { directoryNames, readDirectory } from "./directory.ts";
import { differences } from "./judge.ts";

const names = directoryNames();

describe("scenario directories", () => {
  it("there are at least fifty scenario directories", () => {
    expect(names.length).toBeGreaterThanOrEqual(50);
  });

  it.each(names)("%s", async (name) => {
    const directory = readDirectory(name);
    const { plan, scenario, seed } = directory;

    const story = await playStory({ plan, scenario, seed, run: null });

    expect(differences(story, directory)).toEqual([]);
  });
});
