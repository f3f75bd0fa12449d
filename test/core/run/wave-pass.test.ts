import { describe, expect, it } from "vitest";
import { limits } from "../../../functions/core/limits.ts";
import type { Plan } from "../../../functions/core/model/plan.ts";
import type { Server } from "../../../functions/core/model/server.ts";
import {
  blindSeconds,
  isSoon,
  type Look,
  lookSeconds,
  nextPass,
  openPass,
  type Pass,
} from "../../../functions/core/run/wave-pass.ts";
import { aPlan, aResource, aServerItem } from "../../support/builders.ts";
import { at, noon } from "../../support/wave-scene.ts";

const planOf = (minimumPercent: number, boot: Plan["recover"]["boot"] = "inOrder") => {
  const launch = { ...aResource().launch, minimumPercent };
  return aPlan({
    protect: [aResource({ name: "app", launch }), aResource({ launch })],
    recover: { ...aPlan().recover, waves: [["app"], ["web"]], boot },
  });
};
const servers = (...states: Server["state"][]) =>
  states.map((state, at) => aServerItem({ resource: "app", server: `i-${at}`, name: `app-${at}`, state }));
const web = (state: Server["state"]) => aServerItem({ server: "i-web", name: "web-1", wave: 1, state });
type Case = { plan?: Plan; before?: Partial<Pass>; index?: number; done?: Look; seconds?: number };
const next = (
  all: Server[],
  { plan = planOf(100), before = {}, index = 0, done = "Verify", seconds = 100 }: Case = {},
) => nextPass(all, plan, { ...openPass(null, index, at(0)), ...before }, done, at(seconds));

describe("which pass comes next", () => {
  it.each<[string, Server[], Case, Partial<Pass>]>([
    [
      "what is to be launched is launched",
      servers("wanted", "wanted"),
      { done: "CheckProgress" },
      { next: "Launch", waitSeconds: 0 },
    ],
    [
      "a launched one is looked at after eight seconds",
      servers("launched"),
      { done: "Launch" },
      { next: "CheckProgress", waitSeconds: 8 },
    ],
    ["then every three", servers("launched"), { done: "CheckProgress" }, { next: "CheckProgress", waitSeconds: 3 }],
    [
      "a running one is attached at once",
      servers("running", "launched"),
      { done: "CheckProgress" },
      { next: "Attach", waitSeconds: 0 },
    ],
    [
      "one that could not be attached is tried again after a moment",
      [{ ...servers("running")[0]!, passingSince: noon }],
      { done: "Attach" },
      { next: "Attach", waitSeconds: 3 },
    ],
    [
      "an attached one is verified at once, then every second",
      servers("attached"),
      { done: "Attach" },
      { next: "Verify", waitSeconds: 0 },
    ],
    ["", servers("attached"), { done: "Verify" }, { next: "Verify", waitSeconds: 1 }],
    [
      "by Systems Manager a second for each three commands that are under way",
      servers(...Array.from({ length: 8 }, () => "attached" as const)).map((one, at) => ({
        ...one,
        command: `command-${at >> 1}`,
      })),
      { done: "Verify" },
      { next: "Verify", waitSeconds: 2 },
    ],
    [
      "a full Region is asked again when Launch says so",
      servers("wanted", "served"),
      { done: "Launch", before: { launchAt: at(120).toISOString() } },
      { next: "Launch", waitSeconds: 20 },
    ],
    [
      "a long launch keeps nobody from being looked at",
      servers("wanted", "attached"),
      { done: "Launch", before: { looked: { Verify: at(40).toISOString() } } },
      { next: "Verify", waitSeconds: 0 },
    ],
    ["a later wave waits for its turn", [...servers("served"), web("wanted")], {}, { next: "JudgeWave" }],
    [
      "unless all boot together",
      [...servers("attached"), web("wanted")],
      { plan: planOf(100, "together"), done: "Verify" },
      { next: "Launch", waitSeconds: 0 },
    ],
    [
      "and then it is not verified before its turn",
      [...servers("attached"), web("attached")],
      { plan: planOf(100, "together"), before: { looked: { Verify: at(90).toISOString() } }, done: "Attach" },
      { next: "Verify", waitSeconds: 0 },
    ],
  ])("%s", (_, all, given, expected) => {
    expect(next(all, given)).toMatchObject(expected);
  });

  it("the wave loop counts its passes over all waves", () => {
    const first = next(servers("attached"));
    expect(first.passes).toBe(1);
    const second = openPass(first, 1, at(200));
    expect(second).toMatchObject({
      index: 1,
      passes: 1,
      since: noon,
      waveSince: at(200).toISOString(),
      enoughAt: null,
    });
    expect(openPass(first, 0, at(110))).toBe(first);
  });

  it("the wave loop records how long nothing was polled when a pass starts much later than due", () => {
    const first = { ...next(servers("attached")), waitSeconds: 3 };
    expect(blindSeconds(openPass(first, 0, at(118)), at(0))).toBe(0);
    const dark = openPass(first, 0, at(700));
    expect(dark.blind).toEqual([{ from: at(103).toISOString(), to: at(700).toISOString() }]);
    const again = openPass(nextPass(servers("attached"), planOf(100), dark, "Verify", at(701)), 0, at(800));
    expect([0, 103, 600, 700, 900].map((since) => blindSeconds(again, at(since)))).toEqual([685, 685, 188, 88, 0]);
  });
});

describe("the end of a wave", () => {
  it.each([
    ["all good", servers("served", "served"), 0],
    ["good or lost", servers("served", "lost"), 0],
    ["all lost", servers("lost", "lost"), 0],
    ["without servers", [], 0],
    ["late ones that were lost meanwhile", [...servers("lost"), web("served")], 2],
  ])("a wave ends when its servers are %s", (_, all, index) => {
    expect(next(all, { index })).toMatchObject({ next: "JudgeWave", waitSeconds: 0 });
  });

  it("comes with the minimum where another wave follows: the rest continues in parallel that one", () => {
    expect(next(servers("served", "attached"), { plan: planOf(50) })).toMatchObject({ next: "JudgeWave" });
  });

  it("the last wave ends a second after its minimum, and not before, for servers that boot already", () => {
    const all = [...servers("served"), web("served"), { ...web("attached"), server: "i-web-2" }];
    const plan = planOf(50);
    const first = next(all, { plan, index: 1, seconds: 100 });
    expect(first).toMatchObject({ next: "Verify", enoughAt: at(100).toISOString() });
    expect(nextPass(all, plan, first, "Verify", new Date(at(101).getTime() - 1))).toMatchObject({ next: "Verify" });
    expect(nextPass(all, plan, first, "Verify", at(101))).toMatchObject({ next: "JudgeWave" });
  });

  it("the last wave ends at once when the others have no instance", () => {
    const all = [web("served"), { ...web("wanted"), server: "i-web-2" }];
    expect(next(all, { plan: planOf(50), index: 1 })).toMatchObject({ next: "JudgeWave" });
  });

  it("the last wave waits its grace time for a server that boots, even when another one has no instance", () => {
    const all = [web("served"), { ...web("wanted"), server: "i-web-2" }, { ...web("attached"), server: "i-web-3" }];
    expect(next(all, { plan: planOf(30), index: 1 })).not.toMatchObject({ next: "JudgeWave" });
  });

  it("a wave continues below a minimum that cannot be reached any more, so that as many servers as possible start", () => {
    expect(next(servers("lost", "attached"))).toMatchObject({ next: "Verify" });
  });

  it("a wave goes on for late servers of earlier waves beside the next one, and to their own end after the last", () => {
    const late = { ...servers("wanted")[0]!, late: true };
    expect(next([late, web("attached")], { index: 1, done: "Verify" })).toMatchObject({ next: "Launch" });
    expect(next([late, web("served")], { index: 1 })).toMatchObject({ next: "JudgeWave" });
    expect(next([late, web("served")], { index: 2 })).toMatchObject({ next: "Launch" });
  });
});

describe("the waits between looks", () => {
  const quiet = (over: Partial<Pass>) => ({ ...openPass(null, 0, at(0)), ...over });

  it("the waits between polls are three seconds for three minutes, then a sixtieth of what the wave has taken", () => {
    const seconds = [0, 100, 239, 240, 600, 1_800].map((age) => lookSeconds(quiet({}), at(age)));
    expect(seconds).toEqual([3, 3, 3, 4, 10, 30]);
  });

  it("the waits between polls grow with the run once it has had many passes", () => {
    const pass = quiet({ passes: 300, waveSince: at(6_000).toISOString() });
    expect(lookSeconds(pass, at(6_000))).toBe(100);
    expect(lookSeconds(pass, at(100_000))).toBe(limits.waveWaitSecondsMax);
  });

  /** Task 5 (entered, scheduled, started, succeeded, exited), Wait 2, Choice 2. [SFN: bp-history-limit] */
  const eventsPerPass = 9;

  it("the waits between polls keep the history of any plan under ten thousand events", () => {
    // no launch, passing errors and no answer for as long as each may take
    const waveSeconds = limits.launchSeconds + limits.passingSeconds + 1_800;
    let pass = openPass(null, 0, at(0));
    let now = 0;
    for (let index = 0; index < 20; index++) {
      pass = openPass(pass, index, at(now));
      for (const end = now + waveSeconds; now < end; ) {
        now += lookSeconds(pass, at(now));
        pass = { ...pass, passes: pass.passes + 4 };
      }
    }
    expect(pass.passes).toBeGreaterThan(limits.wavePasses);
    // the machine's own bound comes first then: it judges what there is
    expect(limits.wavePasses * eventsPerPass).toBeLessThan(6_000);
  });

  it("three waves of servers that never answer end by their own timeouts, not by the machine's", () => {
    let pass = openPass(null, 0, at(0));
    let now = 0;
    for (let index = 0; index < 3; index++) {
      pass = openPass(pass, index, at(now));
      for (const end = now + 1_800; now < end; pass = { ...pass, passes: pass.passes + 1 })
        now += lookSeconds(pass, at(now));
    }
    expect(pass.passes).toBeLessThan(limits.wavePasses);
  });
});

describe("a look that comes again soon", () => {
  const soon = (pass: Partial<Pass>, seconds: number) =>
    isSoon({ ...openPass(null, 0, at(0)), next: "Verify", waitSeconds: 1, ...pass }, "Verify", at(0), at(seconds));

  it("a poll that comes again soon is made by the same invocation for twenty seconds, unless another one is due, or it comes later", () => {
    expect([soon({}, 0), soon({}, 19), soon({}, 20)]).toEqual([true, true, false]);
    expect(soon({ next: "CheckProgress" }, 0)).toBe(false);
    expect([soon({ waitSeconds: 20 }, 0), soon({ waitSeconds: 21 }, 0)]).toEqual([true, false]);
  });
});
