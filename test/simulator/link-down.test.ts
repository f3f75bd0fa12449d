import { beforeAll, describe, expect, it } from "vitest";
import { answersNow } from "../../simulator/dns/dns.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { behind } from "../../simulator/world/endpoints.ts";
import { playPair } from "../support/pair.ts";

const cut = { at: "0s", for: "25m", fault: "link-down", from: "primary", to: "recovery", both: true };
const [primary, recovery] = ["eu-west-1", "eu-central-1"];

describe("a cut link between the two Regions", () => {
  let story: Story;
  const users: (number | string)[] = [];
  const made = (region: string, steps: string[], from: number, until: number) =>
    story.world.journal.filter(({ at, region: called, step }) => {
      const seconds = (Date.parse(at) - story.zeroAt) / 1_000;
      return called === region && steps.includes(step) && seconds >= from && seconds < until;
    });
  const outcomes = (...of: Parameters<typeof made>) => [...new Set(made(...of).map(({ outcome }) => outcome))].sort();

  beforeAll(async () => {
    const watched: Parameters<typeof playPair>[0] = {
      scenario: { faults: [cut], detect: "off" },
      began: ({ world, plan }) => {
        const look = () => {
          users.push(behind(world, plan, answersNow(world, plan.traffic!.records[0]!.name)[0]!));
          world.after(60, look);
        };
        world.after(60, look);
      },
    };
    story = await playPair(watched);
  });

  it("a cut link between the two Regions lets no call through, either way, while it lasts", () => {
    // sensor and guard of the primary Region ask the table in the recovery Region, the controller asks the primary Region
    expect(made(recovery, ["Guard"], 0, 1_500).length).toBeGreaterThan(20);
    expect(outcomes(recovery, ["Guard"], 0, 1_490)).toEqual(["TimeoutError"]);
    // that of a third Region is heard all the time
    expect(outcomes(recovery, ["Sense"], 0, 1_490)).toEqual(["TimeoutError", "ok"]);
    expect(made(primary, ["Detect"], 0, 1_500).length).toBeGreaterThan(20);
    expect(outcomes(primary, ["Detect"], 0, 1_490)).toEqual(["TimeoutError"]);
    expect(outcomes(recovery, ["Detect"], 0, 1_490)).toEqual(["ok"]);
    expect(outcomes(recovery, ["Sense"], 1_510, 1_800)).toEqual(["ok"]);
    expect(outcomes(primary, ["Detect"], 1_510, 1_800)).toEqual(["ok"]);
  });

  it("a cut link between the two Regions leaves users served by the primary Region", () => {
    expect(users.length).toBeGreaterThan(30);
    expect([...new Set(users)]).toEqual([200]);
  });
});
