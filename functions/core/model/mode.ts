import type { Run } from "./run.ts";

/** What a machine does to the application. */
export type Mode = {
  /** It launches the application in the target and moves its traffic. */
  movesTraffic: boolean;
  /** It stops what writes in the source. */
  fences: boolean;
  /** It takes the lease of a run, and the row says afterwards who serves. */
  writesRow: boolean;
  /** What it launches reaches nothing of production. */
  isolated: boolean;
};

const leavesAlone: Mode = { movesTraffic: false, fences: false, writesRow: false, isolated: false };

const modes: Record<Run["machine"], Mode> = {
  failover: { movesTraffic: true, fences: true, writesRow: true, isolated: false },
  replicate: leavesAlone,
  rotate: leavesAlone,
  close: leavesAlone,
  answer: leavesAlone,
};

/** What a machine does to the application; one that is not known does nothing. */
export const modeOf = ({ machine }: { machine: string }): Mode => modes[machine as Run["machine"]] ?? leavesAlone;
