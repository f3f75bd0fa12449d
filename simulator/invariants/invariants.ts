/** All invariants together: the checks of a finished story. */

import { homeOf, launchedOf, protectedOf } from "../../functions/core/model/direction.ts";
import { imageName, tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../ec2/state.ts";
import { tag } from "../ec2/tags.ts";
import { applicationOf } from "../machines/runs.ts";
import type { Story } from "../story/played-story.ts";
import { stateOf } from "../world/state-of.ts";
import { endInvariants } from "./ends.ts";
import { incidentInvariants } from "./incidents.ts";
import type { Invariant, JudgedStory } from "./invariant.ts";
import { pointInvariants, repeated } from "./points.ts";
import { proofInvariants } from "./proofs.ts";
import { runInvariants } from "./runs.ts";
import { waveInvariants } from "./waves.ts";

/** `detail` names so many violations at most. */
const detailsMax = 3;

/**
 * The invariants as far as a story can show them, each judged from what was really called and what is left. Of invariant 7 that is what
 * holds of a dry execution: no machine drills yet.
 */
export const invariantsOf = (story: Story): Invariant[] => {
  const all = judgedStories(story);
  return Object.entries({
    ...runInvariants,
    ...incidentInvariants,
    ...pointInvariants,
    ...proofInvariants,
    ...endInvariants,
    ...waveInvariants,
  })
    .sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map(([name, check]) => {
      const found = all.flatMap(check);
      return { name, held: found.length === 0, detail: found.slice(0, detailsMax).join("; ") };
    });
};

/** The story once for each of its applications, with that application's executions and stored state. */
const judgedStories = (story: Story): JudgedStory[] =>
  [story.plan, ...story.others.map(({ plan }) => plan)].map((plan) => ({
    ...story,
    plan,
    executions: story.executions.filter((one) => applicationOf(one) === plan.application),
    ...stateOf(story.world, homeOf(plan), plan.application),
  }));

/** For the crash matrix, after two further passes: what no pass may leave behind (invariant 5). */
export const leftovers = ({ world, plan }: Pick<Story, "world" | "plan">): string[] => {
  const { points, manifests } = stateOf(world, homeOf(plan), plan.application);
  const source = ec2Of(world, protectedOf(plan));
  const target = ec2Of(world, launchedOf(plan));
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
      .map(({ name }) => `image ${name} belongs to no point`),
    ...stray.map(({ id }) => `${id} belongs to no point`),
  ];
};
