/** Route 53's routing policies: which record sets of a name answer a given asker. */

import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { distance, placeOf } from "../locations.ts";
import { hash } from "../random.ts";

/**
 * Who asks: `region` where the asker is, `turn` what the draw of this answer is made of. Null = anybody, at any time: every
 * set that may answer somebody.
 */
export type Asker = { region: string; turn: string } | null;
type Sets = ResourceRecordSet[];
type IsHealthy = (set: ResourceRecordSet) => boolean;

/** Multivalue answers at once, at most. [R53:routing-policy-multivalue] */
const multivaluesMax = 8;

/**
 * The sets of one name and type that answer. A set without a health check is healthy; where all are unhealthy, all count as
 * healthy. [R53:health-checks-how-route-53-chooses-records] Of geoproximity and IP-based sets, whose choice is not
 * simulated, the first.
 */
export const choose = (sets: Sets, isHealthy: IsHealthy, asker: Asker): Sets => {
  const [first] = sets;
  if (!first) return [];
  if (sets.some(({ Failover }) => Failover)) return byFailover(sets, isHealthy);
  if (first.Weight !== undefined) return byWeight(sets, isHealthy, asker);
  if (first.GeoLocation) return byPlace(sets, isHealthy, asker);
  const healthy = healthyOf(sets, isHealthy);
  if (first.Region) return asker ? [nearest(healthy, asker.region)] : healthy;
  if (first.MultiValueAnswer) return asker ? drawn(healthy, asker.turn).slice(0, multivaluesMax) : healthy;
  return [first];
};

const healthyOf = (sets: Sets, isHealthy: IsHealthy): Sets => {
  const healthy = sets.filter(isHealthy);
  return healthy.length > 0 ? healthy : sets;
};

/** The primary while it is healthy, else the secondary if that is; both unhealthy: the primary. [R53:dns-failover-types] */
const byFailover = (sets: Sets, isHealthy: IsHealthy): Sets => {
  const primary = sets.find(({ Failover }) => Failover === "PRIMARY");
  const secondary = sets.find(({ Failover }) => Failover === "SECONDARY");
  if (!primary || !secondary) return [(primary ?? secondary)!];
  return isHealthy(primary) || !isHealthy(secondary) ? [primary] : [secondary];
};

/** A weight of 0 answers only when every other set is unhealthy, or is 0 too. [R53:routing-policy-weighted] */
const byWeight = (sets: Sets, isHealthy: IsHealthy, asker: Asker): Sets => {
  const weighty = sets.filter(({ Weight = 0 }) => Weight > 0);
  const idle = sets.filter(({ Weight = 0 }) => Weight === 0);
  const healthy = [weighty.filter(isHealthy), idle.filter(isHealthy), weighty, idle].find(({ length }) => length > 0)!;
  if (!asker) return healthy;
  const places = healthy.flatMap((set) => Array.from({ length: set.Weight || 1 }, () => set));
  return [places[hash(asker.turn) % places.length]!];
};

const nearest = (sets: Sets, region: string) =>
  [...sets].sort((a, b) => distance(a.Region!, region) - distance(b.Region!, region))[0]!;

/** The narrowest place that the asker is in, a wider one where that is unhealthy; nobody's place: no answer. */
const byPlace = (sets: Sets, isHealthy: IsHealthy, asker: Asker): Sets => {
  if (!asker) return healthyOf(sets, isHealthy);
  const { continent, country } = placeOf(asker.region);
  const narrow = (wanted: (place: NonNullable<ResourceRecordSet["GeoLocation"]>) => boolean) =>
    sets.filter(({ GeoLocation, Name }) => Name && GeoLocation && wanted(GeoLocation));
  const matching = [
    ...narrow(({ CountryCode, SubdivisionCode }) => CountryCode === country && !SubdivisionCode),
    ...narrow(({ ContinentCode }) => ContinentCode === continent),
    ...narrow(({ CountryCode }) => CountryCode === "*"),
  ];
  return healthyOf(matching, isHealthy).slice(0, 1);
};

/** In an order of the turn's own. */
const drawn = (sets: Sets, turn: string) => {
  const key = ({ SetIdentifier = "" }: ResourceRecordSet) => hash(`${turn}/${SetIdentifier}`);
  return [...sets].sort((a, b) => key(a) - key(b));
};
