import { limits } from "../functions/core/limits.ts";
import { imageName, tagKeys } from "../functions/core/names.ts";
import { ec2Of } from "./ec2/state.ts";
import type { Execution } from "./executions.ts";
import { objectKeys } from "./s3.ts";
import { newestPoints, stateOf } from "./state-of.ts";
import type { Story } from "./story.ts";
import { tag } from "./world-inventory.ts";

export type Invariant = { name: string; held: boolean; detail: string };
type Seen = Story & ReturnType<typeof stateOf>;

/** The laws (design, section 2) as far as a story can show them, each judged from what was really called and what is left. */
export const invariantsOf = (story: Story): Invariant[] => {
  const seen = { ...story, ...stateOf(story.world, story.plan.regions.recovery, story.plan.application) };
  return Object.entries(laws).map(([name, broken]) => {
    const found = broken(seen);
    return { name, held: found.length === 0, detail: found.slice(0, 3).join("; ") };
  });
};

/** Law -> what breaks it, a sentence each. */
const laws: Record<string, (seen: Seen) => string[]> = {
  "1 one run at a time": ({ executions }) => {
    const held = runsOf(executions).filter((run) => run.results.has("AcquireLease"));
    return held.flatMap((run, index) =>
      held
        .slice(index + 1)
        .filter((other) => other.startedAt < (run.endedAt ?? Number.POSITIVE_INFINITY))
        .filter((other) => leaseTimes(other).some((at) => at < (run.endedAt ?? Number.POSITIVE_INFINITY)))
        .map((other) => `${run.name} and ${other.name} held the lease at the same time`),
    );
  },

  "2 no two writers": (seen) => {
    const { plan, world, executions } = seen;
    return runsOf(executions).flatMap((run) => {
      const rerouted = endOf(run, "Reroute");
      const fence = run.results.get("Fence") as { fenced?: boolean; sourceAnswered?: boolean } | undefined;
      if (rerouted === null || fence?.fenced) return [];
      if (plan.recover.fence === "required") return [`${run.name} moved traffic without a proven fence`];
      if (!fence?.sourceAnswered) return [];
      const source = ec2Of(world, plan.regions.primary);
      const writers = seen.manifests
        .filter(({ server }) => source.instances.get(server)?.state === "running")
        .map(({ name }) => name);
      return writers.length ? [`${run.name} moved traffic while ${writers.join(", ")} still ran`] : [];
    });
  },

  "3 nothing needed of a dark Region": ({ world, plan }) => {
    const dark = world.faults.list.filter((fault) => fault.fault === "region-down");
    const answered = world.journal.filter(
      ({ at, region, outcome }) =>
        outcome === "ok" &&
        dark.some((fault) => fault.region === region && fault.from <= Date.parse(at) && Date.parse(at) < fault.until),
    );
    const sourceOnly = answered.filter(({ region }) => region !== plan.regions.recovery);
    return sourceOnly.map(
      ({ service, operation, region, at }) => `${service} ${operation} in ${region} answered at ${at}`,
    );
  },

  "4 the last good point is kept": ({ world, plan, points, manifests, endedAt }) => {
    const { snapshots } = ec2Of(world, plan.regions.recovery);
    return [...newestPoints(points, endedAt).values()].flatMap((point) =>
      manifests
        .filter((one) => one.point === point.id)
        .flatMap(({ volumes, name }) =>
          volumes
            .filter(({ snapshot }) => snapshots.get(snapshot ?? "")?.state !== "completed")
            .map(({ device }) => `${point.id}: ${name} ${device} has no completed copy`),
        ),
    );
  },

  "5 nothing is launched twice": ({ world, plan }) => {
    const { instances } = ec2Of(world, plan.regions.recovery);
    const live = [...instances.values()].filter(({ state }) => state !== "terminated" && state !== "shutting-down");
    const launched = live.filter((one) => tag(one, tagKeys.run));
    const servers = launched.map((one) => `${tag(one, tagKeys.server)} of run ${tag(one, tagKeys.run)}`);
    return repeated(servers).map((server) => `${server} was launched twice`);
  },

  "5 images are named once": ({ world, plan }) => {
    const names = [...ec2Of(world, plan.regions.recovery).images.values()].map(({ name }) => name);
    return repeated(names).map((name) => `image ${name} stands twice`);
  },

  "5 every server comes from one consistent set": ({ world, plan, manifests }) => {
    const { instances, volumes } = ec2Of(world, plan.regions.recovery);
    return [...instances.values()].flatMap((instance) => {
      const server = tag(instance, tagKeys.server);
      if (!server || instance.state === "terminated") return [];
      const sets = new Set(instance.volumes.map(({ volume }) => volumes.get(volume)?.content?.set));
      const name = manifests.find((one) => one.server === server)?.name ?? server;
      const missing = [...sets].some((set) => !set);
      return sets.size === 1 && !missing ? [] : [`${name} has volumes of ${sets.size} sets`];
    });
  },

  "6 every run ends, reported": ({ executions, world, plan, row }) => {
    const open = executions.filter(({ status, machine }) => status === "RUNNING" && machine !== "replicate");
    const keys = objectKeys(world, plan.regions.recovery);
    const silent = runsOf(executions)
      .filter(({ status, results }) => status !== "RUNNING" && results.has("LoadPlan"))
      .filter(({ name }) => !keys.some((key) => key.includes(name)));
    return [
      ...open.map(({ name }) => `${name} has not ended`),
      ...silent.map(({ name }) => `${name} has no report`),
      ...(row?.run && open.length === 0 ? [`the lease is still held by ${row.run.name}`] : []),
    ];
  },

  "8 a point counts only when it is complete": ({ points, manifests, world, plan }) => {
    const { snapshots } = ec2Of(world, plan.regions.recovery);
    return points
      .filter(({ state }) => state === "complete")
      .flatMap((point) => {
        const done = Date.parse(point.completedAt ?? "");
        return manifests
          .filter((one) => one.point === point.id)
          .flatMap(({ volumes }) => volumes.map(({ snapshot }) => snapshots.get(snapshot ?? "")))
          .filter((copy) => copy && !(copy.completedAt !== null && copy.completedAt <= done))
          .map((copy) => `${point.id} was called complete before ${copy!.id} was`);
      });
  },

  "9 no Lambda sleeps": ({ executions }) =>
    executions.flatMap(({ invocations }) =>
      invocations
        .filter(
          ({ startedAt, endedAt, outcome }) =>
            outcome === "ok" && endedAt - startedAt > limits.longestStepSeconds * 1_000,
        )
        .map(({ state }) => `${state} took longer than ${limits.longestStepSeconds} s`),
    ),

  "11 recovery is known to work before anything is stopped": ({ executions, plan }) =>
    plan.recover.fenceFirst
      ? []
      : runsOf(executions).flatMap((run) => {
          const fence = run.invocations.find(({ state }) => state === "Fence");
          const late =
            fence && run.invocations.find(({ state, startedAt }) => state === "Launch" && startedAt > fence.startedAt);
          return late ? [`${run.name} fenced before ${late.subject} was launched`] : [];
        }),
};

/** For the crash matrix, after two further passes: what no pass may leave behind (law 5). */
export const leftovers = (story: Story): string[] => {
  const { world, plan } = story;
  const { points, manifests } = stateOf(world, plan.regions.recovery, plan.application);
  const source = ec2Of(world, plan.regions.primary);
  const target = ec2Of(world, plan.regions.recovery);
  const sets = [...source.snapshots.values()].map((one) => `${tag(one, tagKeys.point)} ${one.volume}`);
  const copies = [...target.snapshots.values()].filter(({ copyOf }) => copyOf).map(({ copyOf }) => copyOf!.snapshot);
  const wanted = new Set(manifests.map(({ point, server }) => imageName(plan.application, point, server)));
  const live = new Set(points.filter(({ state }) => state !== "discarded").map(({ id }) => id));
  const stray = [...source.snapshots.values(), ...target.snapshots.values()].filter(
    (one) => tag(one, tagKeys.application) && !live.has(tag(one, tagKeys.point) ?? ""),
  );
  return [
    ...repeated(sets).map((set) => `two source snapshots of ${set}`),
    ...repeated(copies).map((copy) => `two copies of ${copy}`),
    ...[...target.images.values()]
      .filter(({ name }) => !wanted.has(name))
      .map(({ name }) => `image ${name} of no point`),
    ...stray.map(({ id }) => `${id} belongs to no point`),
  ];
};

const runsOf = (executions: Execution[]) => executions.filter(({ machine }) => machine === "failover");

const leaseTimes = ({ invocations }: Execution) =>
  invocations
    .filter(({ state, outcome }) => state === "AcquireLease" && outcome === "ok")
    .map(({ endedAt }) => endedAt);

const endOf = ({ invocations }: Execution, state: string) =>
  invocations.find((one) => one.state === state && one.outcome === "ok")?.endedAt ?? null;

const repeated = (values: string[]) => [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
