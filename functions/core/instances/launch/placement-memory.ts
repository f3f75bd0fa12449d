/**
 * What the slots of a run have said, shared by all its servers: one that has just had no room is not asked again by
 * thirty others. Placement (`<type>/<subnet>`) -> the error, how often in a row, and when it may be asked again (ISO 8601).
 */
export type PlacementMemory = Record<string, { code: string; times: number; until: string }>;

/** AWS asks to try again "in a few minutes"; a slot that stays full is asked more and more seldom. [EC2:troubleshooting-launch-capacity] */
const waitSeconds = { first: 20, more: 5, most: 40 } as const;
/** The account is verified within minutes, or within hours. */
const verificationWaitSecondsMax = 120;

export const isBusy = (memory: PlacementMemory, slot: string, now: Date) =>
  Date.parse(memory[slot]?.until ?? "1970-01-01") > now.getTime();

export const fullSlot = (memory: PlacementMemory, slot: string, code: string, now: Date): PlacementMemory => {
  const times = (memory[slot]?.times ?? 0) + 1;
  const most = code === "PendingVerification" ? verificationWaitSecondsMax : waitSeconds.most;
  const seconds = Math.min(most, waitSeconds.first + (times - 1) * waitSeconds.more);
  return { ...memory, [slot]: { code, times, until: new Date(now.getTime() + seconds * 1_000).toISOString() } };
};

/** It had room. */
export const openSlot = (memory: PlacementMemory, slot: string): PlacementMemory => {
  const { [slot]: _had, ...rest } = memory;
  return rest;
};

/** When the first of these slots may be asked again. */
export const earliest = (memory: PlacementMemory, slots: string[]): Date =>
  new Date(Math.min(...slots.map((slot) => Date.parse(memory[slot]?.until ?? "1970-01-01"))));
