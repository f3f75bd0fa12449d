import { beforeEach, describe, expect, it, vi } from "vitest";
import { ResourceFailedError } from "../../functions/core/errors.ts";
import { brokenIn } from "../support/judged-stories.ts";
import { pairPlan, playPair } from "../support/pair.ts";

/** Which part of the code is spoiled in this story. */
const spoiled = vi.hoisted(() => ({ as: "" }));
const is = (name: string) => spoiled.as === name;
beforeEach(() => {
  spoiled.as = "";
});

vi.mock(import("../../functions/core/instances/launch/predecessors.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    inherit: (servers, left, fateOf) =>
      real.inherit(servers, is("a run that does not see what an earlier one launched") ? [] : left, fateOf),
  };
});
vi.mock(import("../../functions/core/names.ts"), async (original) => {
  const real = await original();
  let asked = 0;
  return {
    ...real,
    launchToken: (...given) =>
      real.launchToken(...given) + (is("a launch that neither its token nor its tags find again") ? ` ${++asked}` : ""),
  };
});
vi.mock(import("../../functions/kinds/instances/recover/launched.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    listLaunched: async (...given) => {
      const found = await real.listLaunched(...given);
      // CheckProgress still sees what it knows the id of
      const [, run] = given;
      if (!is("a launch that neither its token nor its tags find again")) return found;
      const known = (await given[0].store.servers(run.application, run.name)).map(({ instance }) => instance);
      return found.filter(({ InstanceId }) => known.includes(InstanceId ?? ""));
    },
  };
});
vi.mock(import("../../functions/core/model/server.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    lost: (server, message, name) => {
      if (is("a server that ends the pass over all")) throw new ResourceFailedError(message, "");
      return real.lost(
        server,
        is("a server that is lost for another's reason") ? `server-9: ${message}` : message,
        name,
      );
    },
  };
});
vi.mock(import("../../functions/core/run/wave.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    judgeWave: (...given) => {
      const judged = real.judgeWave(...given);
      const { failed, good } = judged;
      if (is("a wave that fails with its first server") && failed.length + judged.late.length > 0)
        return { ...judged, action: "fail", code: "TooFewServers", because: "server: one is missing" };
      return is("a wave that needs none") && good < judged.wanted
        ? { ...judged, action: "go-on", code: "EnoughServers" }
        : judged;
    },
  };
});

const planOf = (launch: object) => {
  const plan = pairPlan();
  return { ...plan, protect: plan.protect.map((one) => ({ ...one, launch: { ...one.launch, ...launch } })) };
};
const dark = { fault: "region-down", region: "primary" };
const volumes = [{ device: "/dev/xvda", sizeGiB: 8 }];
/** Of the two servers the second, which users do not reach, never serves; one, or both, are enough. */
const mute = (minimumPercent: number) => ({
  plan: planOf({ minimumPercent }),
  scenario: {
    faults: [dark],
    world: {
      servers: {
        server: [
          { name: "server-1", volumes },
          { name: "server-2", volumes, neverServes: true },
        ],
      },
    },
  },
});
/** Any address suits: a fixed one would itself keep a second instance from being launched. */
const anywhere = planOf({ address: "auto" });
/** The first run is aborted when its servers serve; a person starts a second one. */
const twoRuns = () => {
  let first = "";
  return {
    plan: anywhere,
    scenario: { faults: [dark], operations: [{ at: "20m", do: "failover", input: { approve: true } }] },
    onInvoking: (
      { arn, name }: { arn: string; name: string },
      state: string,
      { stop }: { stop(arn: string): void },
    ) => {
      first ||= state === "Launch" ? name : "";
      if (state === "Fence" && name === first) stop(arn);
    },
  };
};
const crash = { fault: "lambda-crash", step: "Launch", operation: "RunInstances", when: "after", nth: 1 };

type Case = [string, string, Parameters<typeof playPair>[0]];
const cases: Case[] = [
  ["a run that does not see what an earlier one launched", "5 nothing is launched twice", twoRuns()],
  [
    "a launch that neither its token nor its tags find again",
    "5 nothing is launched twice",
    { plan: anywhere, scenario: { faults: [dark, crash] } },
  ],
  ["a server that ends the pass over all", "10 no server's failure stops the others", mute(50)],
  ["a server that is lost for another's reason", "10 no server's failure stops the others", mute(50)],
  ["a wave that fails with its first server", "10 no server's failure stops the others", mute(50)],
  ["a wave that needs none", "10 no server's failure stops the others", mute(100)],
];

describe("an invariant tells of", () => {
  it.each(cases)("%s", async (as, invariant, options) => {
    spoiled.as = as;
    const story = await playPair(options);
    expect(brokenIn(story).map(({ name }) => name)).toContain(invariant);
  });
});

describe("no invariant tells of sound code", () => {
  it.each([
    ["whose second run takes over what an aborted one launched", twoRuns],
    ["whose Launch died as it had launched", () => ({ plan: anywhere, scenario: { faults: [dark, crash] } })],
    ["one of whose servers is too few", () => mute(100)],
    ["one of whose servers is enough", () => mute(50)],
  ])("%s", async (_, options) => {
    expect(brokenIn(await playPair(options()))).toEqual([]);
  });
});
