import { homeOf, watchedOf } from "../model/direction.ts";
import type { Plan, Witness } from "../model/plan.ts";
import { own } from "../own.ts";
import { isRegional, isVoter, regionalOf } from "./verdict.ts";
import type { Vote } from "./vote.ts";

type Watching = Pick<Plan, "detect" | "regions">;

const checkers = "the checkers of Route 53";
const aws = "AWS Health";

/**
 * From where a witness looks at the primary Region. Whatever is wrong there (its lines, its resolver, the one Lambda that
 * asks) deceives all witnesses there at once: `api` and `silence` depend on the path between the two Regions as a probe does.
 */
export const vantageOf = (witness: Witness, home: string): string => {
  switch (witness.kind) {
    case "alarm":
      return witness.region;
    case "probe":
      return witness.from ?? home;
    case "api":
    case "silence":
      return home;
    case "healthCheck":
      return checkers;
    case "awsHealth":
      return aws;
  }
};

const votersOf = ({ detect }: Watching) => detect.witnesses.filter(isVoter);

/** A quorum that needs no second point of view: from where it looks, and who is in it. */
export type LoneQuorum = { vantage: string; witnesses: string[] };

/** Every vantage of which the witnesses alone can make the verdict; none is what a plan should have. */
export const loneQuorums = (watching: Watching): LoneQuorum[] => {
  const { detect } = watching;
  const groups = Map.groupBy(votersOf(watching), (witness) => vantageOf(witness, homeOf(watching)));
  return [...groups].flatMap(([vantage, group]) => {
    const regional = group.filter((witness) => isRegional(witness, watchedOf(watching)));
    if (group.length < detect.verdict.unhealthy || regional.length < regionalOf(detect)) return [];
    return { vantage, witnesses: group.map(({ name }) => name) };
  });
};

/**
 * Why red votes are not believed enough to act upon: all look from one place, and somebody who looks at the application from
 * elsewhere finds it well. Null when another place agrees, or has nothing to say. Silence of AWS Health is no good health, and
 * an alarm that is read through the same lines is no other view.
 */
export const doubtOf = (watching: Watching, votes: Record<string, Vote>): string | null => {
  const home = homeOf(watching);
  const seen = votersOf(watching).map((witness) => ({
    witness,
    vantage: vantageOf(witness, home),
    state: own(votes, witness.name)?.state,
  }));
  const red = seen.filter(({ state }) => state === "unhealthy");
  const [vantage, ...others] = new Set(red.map((one) => one.vantage));
  if (vantage === undefined || others.length > 0) return null;
  const well = seen.filter(
    (one) =>
      one.state === "healthy" &&
      one.vantage !== vantage &&
      (one.witness.kind === "probe" || one.witness.kind === "healthCheck"),
  );
  if (well.length === 0) return null;
  const names = (list: typeof seen) => list.map(({ witness }) => witness.name).join(", ");
  return `${names(red)} look from ${vantage} alone, and ${well.map(({ witness, vantage }) => `${witness.name} from ${vantage}`).join(", ")} finds it healthy`;
};
