import { secondsSince } from "../clock/time.ts";

/** One application that wanted to move by itself: an entry of the list that all of this Region share. Times are ISO 8601. */
export type FailoverIntent = {
  application: string;
  priority: number;
  primary: string;
  /** Whether a witness that speaks for the Region said so. */
  regional: boolean;
  at: string;
};

/** So many applications may want to move within this time by themselves; more are a storm, and a person is asked. */
const applicationsMax = 5;
const stormSeconds = 600;
/** A wish is written again when it is this old, so that it lasts as long as its outage does not get better, seconds. */
const renewSeconds = 300;

/** Wishes that still count, one an application, by priority. */
export const currentIntents = (entries: FailoverIntent[], now: Date): FailoverIntent[] => {
  const newest = new Map<string, FailoverIntent>();
  for (const entry of entries) {
    const known = newest.get(entry.application);
    if (secondsSince(entry.at, now) <= stormSeconds && !(known && known.at >= entry.at))
      newest.set(entry.application, entry);
  }
  return [...newest.values()].sort((a, b) => a.priority - b.priority || a.application.localeCompare(b.application));
};

/**
 * What stands against moving by itself: so many want it at once that the eye of all, not a Region, may be ill. Null when it
 * is no storm, or when the regional witnesses of another plan say the same of this one's primary Region.
 */
export const massFailoverOf = (
  entries: FailoverIntent[],
  own: FailoverIntent,
  now: Date,
): { because: string; applications: FailoverIntent[] } | null => {
  const applications = currentIntents(
    [...entries.filter(({ application }) => application !== own.application), own],
    now,
  );
  const agreeing = applications.filter(({ primary, regional }) => regional && primary === own.primary);
  if (applications.length <= applicationsMax || agreeing.length >= 2) return null;
  const names = applications.map(({ application }) => application).join(", ");
  const because = `${applications.length} applications want to move within ${stormSeconds} s (${names}), more than ${applicationsMax}; no other plan's regional witness is red about ${own.primary}`;
  return { because, applications };
};

/** The wish to write down, or null when the one that is known will do. */
export const intentToSave = (entries: FailoverIntent[], own: FailoverIntent, now: Date): FailoverIntent | null => {
  const known = currentIntents(entries, now).find(({ application }) => application === own.application);
  const willDo =
    known && known.regional === own.regional && known.primary === own.primary && known.priority === own.priority;
  return willDo && secondsSince(known.at, now) < renewSeconds ? null : own;
};

/** A message of a storm, and whom it names. */
export type MassMessage = { at: string; applications: string[] };
/** The last one for a topic. `sent`: the topic took it; until then it is the task of the evaluation that claimed it. */
export type AnnouncedMessage = MassMessage & { sent: boolean };

/**
 * One message asks for the whole storm: another one only when every wish of the one before is forgotten, or when it did
 * not name this application.
 */
export const isAnnounced = (message: MassMessage | null, applications: FailoverIntent[], own: string): boolean =>
  message ? message.applications.includes(own) && applications.some(({ at }) => at <= message.at) : false;

/** Whether a topic took the message of the storm in which a run was started (`decidedAt`), with its application in it. */
export const announcesRun = (message: AnnouncedMessage | null, own: string, decidedAt: string): boolean =>
  message?.sent
    ? message.applications.includes(own) && secondsSince(message.at, new Date(decidedAt)) <= stormSeconds
    : false;
