import { beforeEach, describe, expect, it, vi } from "vitest";
import { brokenIn } from "../support/judged-stories.ts";
import { pairPlan, playPair } from "../support/pair.ts";

/** Which part of the code is spoiled in this story: each invariant must be able to fail, or it says nothing. */
const spoiled = vi.hoisted(() => ({ as: "" }));
const is = (name: string) => spoiled.as === name;
beforeEach(() => {
  spoiled.as = "";
});

vi.mock(import("../../functions/aws/store/lease.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    acquireRun: async (...given: Parameters<typeof real.acquireRun>) =>
      real.acquireRun(...given).catch((error) => {
        if (is("a lease that is not checked")) return real.readRow(given[0], given[1].application);
        throw error;
      }),
    checkLease: (...given: Parameters<typeof real.checkLease>) =>
      is("a lease that is not checked") ? real.readRow(given[0], given[1].application) : real.checkLease(...given),
  };
});
vi.mock(import("../../functions/aws/takeover.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    putTakeover: async (...[clients, region, name, value]) =>
      real.putTakeover(clients, region, name, is("a switch that is never thrown") ? 0 : value),
  };
});
vi.mock(import("../../functions/core/fence/guard.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    judgeGuard: (...given) =>
      is("a guard that does nothing") ? { action: "nothing", code: "Unclear", because: "" } : real.judgeGuard(...given),
  };
});
vi.mock(import("../../functions/core/fence/judge-fence.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    judgeFence: (given) => {
      const judged = real.judgeFence(given);
      return is("a fence that needs the source's answer") && !given.answered ? { ...judged, action: "again" } : judged;
    },
  };
});
vi.mock(import("../../functions/core/points/retention.ts"), async (original) => {
  const real = await original();
  const gone = (code: string) => (decision: ReturnType<typeof real.decideRetention>[number]) =>
    decision.code === code ? ({ ...decision, action: "rotate", code: "Rotated" } as const) : decision;
  return {
    ...real,
    decideRetention: (...given) => {
      const decisions = real.decideRetention(...given);
      if (is("a rotation that takes the newest point")) return decisions.map(gone("Newest"));
      return is("a rotation that takes what a class keeps") ? decisions.map(gone("Kept")) : decisions;
    },
  };
});
vi.mock(import("../../functions/core/names.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    imageName: (...given) =>
      real.imageName(...given) + (is("an image of a new name each time") ? ` ${Date.now()}` : ""),
  };
});
vi.mock(import("../../functions/core/instances/launch/block-device.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    blockDevice: (volume) =>
      real.blockDevice(
        is("a launch with empty data volumes") && volume.device !== "/dev/xvda"
          ? { ...volume, snapshot: null }
          : volume,
      ),
  };
});
vi.mock(import("../../functions/core/run/abandoned-run.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    judgeHolders: (...given) =>
      is("a close that closes nothing") ? { finding: "idle", waitSeconds: 1 } : real.judgeHolders(...given),
  };
});
vi.mock(import("../../functions/operators/notify.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    notify: async (...given) =>
      is("a message that is swallowed") ? { sent: ["nobody"], warnings: [] } : real.notify(...given),
  };
});
vi.mock(import("../../functions/aws/ec2/snapshots.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    listSnapshots: async (...given) => {
      const found = await real.listSnapshots(...given);
      const [, region, filters] = given;
      if (!is("a point that counts its pending copies") || region !== "eu-central-1") return found;
      if (filters.some(({ Values }) => Values?.includes("pending"))) return [];
      return found.map((one) => ({ ...one, state: "completed" as const }));
    },
  };
});
vi.mock(import("../../functions/kinds/instances/readiness/isolation.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    checkIsolation: async (...given) => {
      if (is("a step that sleeps")) await new Promise((wake) => setTimeout(wake, 61_000));
      return real.checkIsolation(...given);
    },
  };
});
vi.mock(import("../../functions/core/detect/verdict.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    judgeVotes: (given) => {
      const judged = real.judgeVotes(given);
      const [red] = Object.values(given.votes).filter(({ state }) => state === "unhealthy");
      return is("a detect that acts on one red witness") && red
        ? { ...judged, code: "RegionUnhealthy", firstFailingAt: judged.since }
        : judged;
    },
  };
});
vi.mock(import("../../simulator/machines/machine-file.ts"), async (original) => {
  const real = await original();
  type State = { Retry?: unknown; Default?: string; ItemProcessor?: { States: Record<string, State> } };
  const spoil = (states: Record<string, State>) => {
    for (const [name, state] of Object.entries(states)) {
      spoil(state.ItemProcessor?.States ?? {});
      if (is("a machine that retries nothing")) delete state.Retry;
      if (is("a machine that fences first") && name === "FenceFirst") state.Default = "Fence";
      if (is("a machine that fences first") && name === "Fenced") state.Default = "MoreWaves";
    }
  };
  return {
    ...real,
    loadMachine: (file) => {
      const { definition, tasks } = real.loadMachine(file);
      const copy = structuredClone(definition) as { States: Parameters<typeof spoil>[0] };
      spoil(copy.States);
      return { definition: copy as never, tasks };
    },
  };
});

const withTopic = () => ({
  ...pairPlan(),
  notify: { topics: ["arn:aws:sns:eu-central-1:111122223333:ops"], on: ["done" as const] },
});
const dark = { fault: "region-down", region: "primary" };

/** Some points, then a rotation that a person starts. */
const rotated = {
  scenario: {
    faults: [{ ...dark, at: "130m" }],
    until: "140m",
    operations: [{ at: "125m", do: "rotate", input: { approve: true } }],
  },
};

type Case = [string, string, Parameters<typeof playPair>[0]];
describe("an invariant tells of", () => {
  it.each<Case>([
    [
      "a lease that is not checked",
      "1 one run at a time",
      { scenario: { faults: [dark], operations: [{ at: "4m", do: "failover", input: { approve: true } }] } },
    ],
    ["a switch that is never thrown", "2 row and traffic agree", {}],
    [
      "a guard that does nothing",
      "2 what wakes in an old Region is isolated",
      { scenario: { faults: [{ ...dark, for: "30m" }] } },
    ],
    ["a fence that needs the source's answer", "3 nothing needed of a dark Region", {}],
    ["a rotation that takes the newest point", "4 the last good point is kept", rotated],
    ["a rotation that takes what a class keeps", "4 rotation keeps what the plan says", rotated],
    [
      "an image of a new name each time",
      "5 images are named once",
      {
        scenario: {
          faults: [dark, { at: "-2h", for: "2h", fault: "lost-response", operation: "RegisterImage", rate: 0.5 }],
        },
      },
    ],
    ["a launch with empty data volumes", "5 every server comes from one consistent set", {}],
    [
      "a close that closes nothing",
      "6 every run ends, reported",
      { onInvoking: (execution, state, { stop }) => state === "Reroute" && stop(execution.arn) },
    ],
    ["a message that is swallowed", "6 every run that ended is told", { plan: withTopic() }],
    [
      "a machine that retries nothing",
      "6 a passing fault of three minutes ends no run",
      { scenario: { faults: [dark, { at: "4m", for: "2m", fault: "throttle", operation: "DynamoDB.*", rate: 1 }] } },
    ],
    [
      "a point that counts its pending copies",
      "8 a point counts only when it is complete",
      { run: "replicate", scenario: { faults: [] } },
    ],
    ["a step that sleeps", "9 no Lambda waits until its timeout", {}],
    [
      "a machine that fences first",
      "11 recovery is known to work before anything is stopped",
      { scenario: { faults: [] }, run: "failover" },
    ],
    [
      "a detect that acts on one red witness",
      "11 nothing starts by itself without grounds",
      { scenario: { faults: [{ for: "10m", fault: "witness", name: "page", state: "unhealthy" }] } },
    ],
  ])("%s", async (as, invariant, options) => {
    spoiled.as = as;
    const story = await playPair(options);
    expect(brokenIn(story).map(({ name }) => name)).toContain(invariant);
  });
});
