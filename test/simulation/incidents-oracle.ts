import type { Plan, Witness } from "../../functions/core/model/plan.ts";
import type { World } from "../../simulator/kernel.ts";
import { behind } from "../../simulator/world/endpoints.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { startStateOf } from "../../simulator/world/start-state.ts";

/** Seconds between two looks at the world, and what detection may take beyond `sustained`. */
const lookSeconds = 15;
const graceSeconds = 150;

/** What the world was like at one moment: who could see that the primary is ill, and whether the controller may do something. */
type Look = { at: number; red: Set<string>; regional: Set<string>; mayAct: boolean; answered: boolean };

/**
 * Watches a story from outside: every outage that a readable quorum sees for `sustained` + 150 s, while the application is
 * armed, not paused and not blocked, is acted on, asked or told about. Gives what was missed, a sentence each.
 */
export const watchOutages = () => {
  const missed: string[] = [];
  const began = ({ world, plans }: Environment) => {
    for (const plan of plans) watchPlan(world, plan, missed);
  };
  return { began, missed };
};

const watchPlan = (world: World, plan: Plan, missed: string[]) => {
  const { unhealthy, regional, sustainedSeconds } = plan.detect.verdict;
  const regionalNeeded = Math.max(regional, plan.detect.action === "automatic" ? 1 : 0);
  const needed = Math.ceil((sustainedSeconds + graceSeconds) / lookSeconds) + 1;
  const looks: Look[] = [];
  let told = false;
  const look = () => {
    looks.push(lookAt(world, plan));
    if (looks.length > needed) looks.shift();
    const throughout = (of: "red" | "regional") =>
      [...looks[0]![of]].filter((name) => looks.every((one) => one[of].has(name)));
    const [red, ofRegion] = [throughout("red"), throughout("regional")];
    const isSeen = looks.length === needed && red.length >= unhealthy && ofRegion.length >= regionalNeeded;
    const isDue = isSeen && looks.every(({ mayAct }) => mayAct) && !looks.some(({ answered }) => answered);
    if (isDue && !told)
      missed.push(
        `${plan.application}: ${red.join(" and ")} saw the outage from ${iso(looks[0]!.at)} to ${iso(world.now())}, and nothing was done`,
      );
    told = isDue;
    world.after(lookSeconds, look);
  };
  world.after(lookSeconds, look);
};

const iso = (ms: number) => new Date(ms).toISOString();

const lookAt = (world: World, plan: Plan): Look => {
  const { detect, regions } = plan;
  const { evidence, controls, row } = startStateOf(world, plan);
  const now = world.now();
  const voters = detect.witnesses.filter((one) => one.kind !== "probe" || one.side === "primary");
  const red = voters.filter((witness) => seesIllness(world, plan, witness));
  const isRegional = (one: Witness) => (one.kind === "api" || one.kind === "silence") && one.region === regions.primary;
  const { lastRun } = row;
  const acknowledged = [lastRun?.name, lastRun?.id].includes(controls.acknowledged?.run);
  const blocked = lastRun && !acknowledged && Date.parse(lastRun.endedAt) + detect.blockSeconds * 1_000 > now;
  const moved = row.active !== regions.primary || row.phase !== "protected";
  return {
    at: now,
    red: new Set(red.map(({ name }) => name)),
    regional: new Set(red.filter(isRegional).map(({ name }) => name)),
    mayAct:
      Boolean(evidence?.armedAt) && !controls.paused && !blocked && !world.faults.isRegionDown(regions.recovery, now),
    answered: moved || Boolean(row.run) || Boolean(evidence?.incident?.answeredAt),
  };
};

/** What the witness would truly see now. In doubt it sees nothing: the invariant is about outages that can be seen. */
const seesIllness = (world: World, plan: Plan, witness: Witness): boolean => {
  const now = world.now();
  const isDark = (region: string) => world.faults.isRegionDown(region, now);
  const forced = world.faults.witness(witness.name, now, plan.application);
  if (witness.kind === "probe" && witness.connect) {
    if (witness.from && isDark(witness.from)) return false;
    return forced ? forced === "unhealthy" : behind(world, plan, witness.connect) !== 200;
  }
  if (witness.kind === "api")
    return forced === "cannot-tell" || forced === "healthy" ? false : forced === "unhealthy" || isDark(witness.region);
  if (witness.kind === "alarm") return !isDark(witness.region) && alarmIsRed(world, witness.alarm, witness.region);
  if (witness.kind !== "silence") return false;
  const since = now - (witness.afterSeconds + 60) * 1_000;
  const isDarkThroughout =
    world.faults.isRegionDown(witness.region, since) && world.faults.regionUpAt(witness.region, since) > now;
  return forced === null && isDarkThroughout;
};

const alarmIsRed = (world: World, name: string, region: string) => {
  const { alarms } = world.region("CloudWatch", region, () => ({ alarms: new Map<string, { StateValue?: string }>() }));
  return alarms.get(name)?.StateValue === "ALARM";
};
