import { secondsSince } from "../clock/time.ts";
import type { ServerRef } from "./run.ts";

/**
 * How far a server of a run is. `wanted`: to be launched; `launched`: it has an instance that does not run yet;
 * `running`: to be attached; `attached`: to be verified; `served` and `lost` are ends.
 */
export type ServerState = "wanted" | "launched" | "running" | "attached" | "served" | "lost";

/** One server of a run, as the table has it. Times are ISO 8601. */
export type Server = ServerRef & {
  wave: number;
  state: ServerState;
  /** Raised by each write: the write of a step that outlived its time meets another version, and changes nothing. */
  version: number;
  instance: string | null;
  /** Placement (`<type>/<subnet>`) whose launch token may be in use: written before EC2 is asked with it (invariant 5). */
  slot: string | null;
  /** Slots that EC2 refused for this server for good, and with which words. */
  refused: Record<string, string>;
  /** When Launch first tried it, when it was attached, and since when it meets nothing but passing errors. */
  launchSince: string | null;
  attachedAt: string | null;
  passingSince: string | null;
  /** Command of Systems Manager whose result the next look of Verify reads. */
  command: string | null;
  servedAt: string | null;
  /** Its wave went on without it. */
  late: boolean;
  /** What was last said of it. */
  because: string;
  /** Why it is lost. */
  error: { name: string; message: string } | null;
};

export const newServer = (ref: ServerRef, wave: number): Server => ({
  ...ref,
  wave,
  state: "wanted",
  version: 0,
  instance: null,
  slot: null,
  refused: {},
  launchSince: null,
  attachedAt: null,
  passingSince: null,
  command: null,
  servedAt: null,
  late: false,
  because: "",
  error: null,
});

export const isOpen = ({ state }: Server) => state !== "served" && state !== "lost";

export const lost = (server: Server, message: string, name = "ResourceFailedError"): Server => ({
  ...server,
  state: "lost",
  because: message,
  error: { name, message },
});

/** Passing errors have a clock, not a count. Has it run out at `now`? */
export const isWornOut = ({ passingSince }: Pick<Server, "passingSince">, now: Date, seconds: number) =>
  passingSince !== null && secondsSince(passingSince, now) > seconds;
