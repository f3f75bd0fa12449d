import { tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { leftovers } from "../../simulator/invariants/invariants.ts";
import { isoOf } from "../../simulator/kernel.ts";
import type { Execution } from "../../simulator/machines/executions.ts";
import { createRandom } from "../../simulator/random.ts";
import { itemsFrom } from "../../simulator/services/dynamodb.ts";
import { serversOf } from "../../simulator/story/fleet-changes.ts";
import { type FleetStory, fleetStart, playFleet } from "../../simulator/story/fleet-story.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { newestPoints, stateOf } from "../../simulator/world/state-of.ts";
import { type Change, drawChanges } from "./fleet-changes.ts";
import { drawFaults, impossibleSpans, type Shape, type Span, toScenario } from "./fleet-faults.ts";
import { type Completed, createPointInvariants, lastOfVolumes } from "./fleet-invariants.ts";
import { fleetPlan, type Size, sizes } from "./fleet-plan.ts";
import { createSecretInvariants } from "./fleet-secrets.ts";

export type FleetJob = { kind: "fleet"; size: Size; seed: number; days: number };

type Extra = { calm?: boolean; more?: Change[]; tell?: (line: string) => void };

/** Volumes beyond those of the start that changes add at most. */
const addedMax = 12;

/**
 * Plays weeks of one fleet with the faults and changes that its seed draws, and says what was wrong. `calm` leaves those
 * out; `more` is done beside them: for tests that break an invariant behind the controller's back. `tell` gets the whole story.
 */
export const playFleetJob = async (
  { size, seed, days }: FleetJob,
  { calm = false, more = [], tell = () => undefined }: Extra = {},
): Promise<string[]> => {
  const random = createRandom(seed, `fleet ${size}`);
  const { plan, world } = fleetPlan(size, random.fork("plan"));
  const { rpoSeconds } = plan.objectives;
  const everySeconds = Math.min(...plan.protect.map((resource) => resource.everySeconds));
  const deaf = size === "large" || random.fork("deaf").chance(0.5);
  const images = Object.values(world?.servers ?? {}).some((servers) => servers.some(isByImage));
  const shape: Shape = { days, everySeconds, rpoSeconds, volumes: sizes[size].servers * 2.5 + addedMax, deaf, images };
  const faults = calm ? [] : drawFaults(random.fork("faults"), shape);
  const changes = calm ? [] : drawChanges(random.fork("changes"), plan, days);
  const stopAt = calm ? [] : stops(random.fork("stops"), days, everySeconds);
  for (const { at, ...fault } of faults) tell(`${isoOf(fleetStart + at * 1_000)} ${JSON.stringify(fault)}`);
  const invariants = createPointInvariants(plan);
  const secrets = createSecretInvariants();
  const counts = new Map<string, number>();

  const story = await playFleet({
    plan,
    scenario: toScenario(faults, world),
    seed,
    days,
    changes: [...changes, ...more],
    stopAt,
    rotateAt: rotations(random.fork("rotations"), days),
    watch: {
      began: (environment) => invariants.began(environment),
      invoking: () => undefined,
      invoked({ name }, { state, outcome }, result) {
        secrets.invoked(state, result);
        tell(`${now()} ${name} ${state} ${outcome} ${JSON.stringify(result) ?? ""}`);
      },
      called(calls) {
        for (const { service, operation, step } of calls)
          counts.set(`${step} ${service}.${operation}`, (counts.get(`${step} ${service}.${operation}`) ?? 0) + 1);
        invariants.called(calls);
        secrets.called(calls);
      },
      ended(execution) {
        invariants.ended(execution);
        secrets.ended(execution);
        tell(`${now()} ${execution.name} ${execution.status} ${execution.error ?? ""} ${execution.cause ?? ""}`);
      },
    },
  });

  for (const line of story.environment.logs) tell(line);
  for (const [call, count] of counts) tell(`${count} calls ${call}`);
  // a round that is ended from outside is lost: the next one is on time
  const ended = stopAt.map((from) => ({ from, until: from + 1, because: "ended from outside" }));
  const impossible = [...impossibleSpans(faults, shape), ...ended];
  return [
    ...invariants.broken,
    ...secrets.over(story.environment),
    ...tooOld(story, [...invariants.completed.values()], impossible, rpoSeconds),
    ...leftBehind(story),
    ...atTheEnd(story),
    ...(invariants.rotations() < days / 2 ? [`only ${invariants.rotations()} rotations in ${days} days`] : []),
  ];
};

const isByImage = ({ platform }: { platform: string }) => platform !== "Linux/UNIX";

const leftBehind = ({ environment, plan }: FleetStory) => {
  const last = lastOfVolumes(environment);
  return leftovers({ world: environment.world, plan }).filter((sentence) => !last.has(sentence.split(" ")[0] ?? ""));
};

const now = () => isoOf(Date.now());

/** Twice a day, at any time of it. */
const rotations = (random: ReturnType<typeof createRandom>, days: number) =>
  Array.from({ length: days * 2 }, (_, half) => half * 43_200 + random.between(0, 43_200));

/** Now and then what runs is ended from outside, a while after a round began. */
const stops = (random: ReturnType<typeof createRandom>, days: number, everySeconds: number) =>
  Array.from({ length: Math.floor(random.between(0, 3)) }, () => {
    const round = 1 + Math.floor(random.between(0, (days * 86_400) / everySeconds - 2));
    return round * everySeconds + random.between(5, 900);
  });

/**
 * The age of the newest complete point of each resource is at most the RPO at every moment, but for spans in which that
 * is impossible and one RPO after them: the next round begins within `every`, and ends within what the RPO leaves.
 */
const tooOld = ({ plan, startedAt, endedAt }: FleetStory, completed: Completed[], impossible: Span[], rpo: number) => {
  const excused = [{ from: 0, until: 0, because: "the first round" }, ...impossible]
    .map(({ from, until }) => ({ from: startedAt + from * 1_000, until: startedAt + (until + rpo) * 1_000 }))
    .sort((a, b) => a.from - b.from);
  return plan.protect.flatMap(({ name }) => {
    const points = completed.filter(({ resource }) => resource === name);
    if (points.length === 0) return [`${name} has no complete point`];
    // an older point that is complete only after a newer one makes nothing newer
    const byTime = points
      .sort((a, b) => a.seenAt - b.seenAt)
      .filter(({ pointAt }, index) => points.slice(0, index).every((earlier) => earlier.pointAt < pointAt));
    return [{ id: "the start", pointAt: new Date(startedAt).toISOString() }, ...byTime].flatMap((point, index) => {
      const late = Date.parse(point.pointAt) + rpo * 1_000;
      const until = byTime[index]?.seenAt ?? endedAt;
      const unexcused = excused.reduce((at, span) => (span.from <= at && at < span.until ? span.until : at), late);
      const minutes = Math.round((until - unexcused) / 60_000);
      return minutes > 0 ? [`${name}: ${point.id} was the newest for ${minutes} minutes beyond the RPO`] : [];
    });
  });
};

/** Two undisturbed passes later: everything has ended, nothing is held, and a launch finds all that it needs. */
const atTheEnd = ({ environment, plan, executions, endedAt }: FleetStory): string[] => {
  const { world } = environment;
  const { primary, recovery } = plan.regions;
  const { row, points, manifests } = stateOf(world, recovery, plan.application);
  const open = executions.filter(({ status }) => status === "RUNNING").map(({ name }) => `${name} has not ended`);
  const quiet = executions.filter(({ machine }) => machine === "replicate").slice(-2);
  const red = quiet.filter(({ status }) => status !== "SUCCEEDED").map(told);
  const held = row?.protect ? [`the lease is still held by ${row.protect.name}`] : [];
  const waiting = points.filter(({ state }) => state === "open").map(({ id }) => `${id} stands open`);

  const ready = [...newestPoints(points, endedAt).values()].flatMap((point) => {
    const { images } = ec2Of(world, recovery);
    const own = manifests.filter(({ point: id }) => id === point.id);
    const imageless = own.filter(({ image }) => !images.has(image ?? "")).map(({ name }) => `${name} has no image`);
    const servers = serversOf(world, plan, point.resource);
    const missing = servers.filter(({ id }) => !point.servers.includes(id)).map(({ id }) => `${id} is left out`);
    const stale = servers.flatMap(({ id, userData }) => {
      const key = own.find(({ server }) => server === id)?.userData;
      return key && userDataOf(environment, key) !== userData ? [`user data of ${id} is old`] : [];
    });
    return [...imageless, ...missing, ...stale].map((sentence) => `${point.id}: ${sentence}`);
  });
  const sources = [...ec2Of(world, primary).snapshots.values()].filter(({ tags }) =>
    tags.every(({ Key }) => Key !== tagKeys.application),
  );
  return [...open, ...red, ...held, ...waiting, ...ready, ...sources.map(({ id }) => `${id} has no tag`)];
};

const told = ({ name, error, cause }: Execution) => `${name} ended badly: ${error} ${cause}`;

const userDataOf = ({ world, plan }: Environment, key: string) =>
  itemsFrom(world, plan.regions.recovery, "lifeboat-user-data", plan.application, `user-data#${key}`)[0]?.text?.S ??
  null;
