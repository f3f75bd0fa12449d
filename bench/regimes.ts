import { limits } from "../functions/core/limits.ts";

/** What the proxy makes of moto, and what is done with each tool. */
export type Regime = {
  letter: string;
  title: string;
  /** Copies at once per destination Region; null = no limit. */
  quota: number | null;
  copySeconds: number;
  /** Share of EC2 calls that get RequestLimitExceeded, and of all calls whose reply is lost after its effect. */
  throttled: number;
  lost: number;
  /** Most items of a page, also when none was asked for; null = what the caller asks. */
  pageMax: number | null;
  buckets: boolean;
  /** Killed when half of the copies are asked for, then run again. */
  killed: boolean;
  /** The counted run has nothing to do. */
  idle: boolean;
  /** Further passes of the same tool before its copies are judged. */
  furtherPasses: number;
  /** `real`: the waits of our machines take their time; `skipped`: our clock, and the proxy's, move on at once. */
  waits: "real" | "skipped";
};

const calm: Regime = {
  letter: "A",
  title: "instant copies, no limits",
  quota: null,
  copySeconds: 0,
  throttled: 0,
  lost: 0,
  pageMax: null,
  buckets: false,
  killed: false,
  idle: false,
  furtherPasses: 0,
  waits: "skipped",
};

const all: Regime[] = [
  calm,
  { ...calm, letter: "B", title: "quota 20, copies take 2 s", quota: 20, copySeconds: 2, waits: "real" },
  { ...calm, letter: "C", title: "quota 5, copies take 2 s", quota: 5, copySeconds: 2, waits: "real" },
  { ...calm, letter: "D", title: "5 % throttled, 1 % of replies lost", throttled: 0.05, lost: 0.01, furtherPasses: 2 },
  { ...calm, letter: "E", title: "pages of 100", pageMax: 100 },
  { ...calm, letter: "F", title: "killed at half, run again", killed: true, furtherPasses: 2 },
  { ...calm, letter: "G", title: "nothing to do", idle: true },
  {
    ...calm,
    letter: "H",
    title: "EC2's token buckets, quota 20, copies take 2 s",
    buckets: true,
    quota: 20,
    copySeconds: 2,
  },
];

export const regimes = new Map(all.map((regime) => [regime.letter, regime]));

/** Copy slots that a tool can fill, while nobody else copies into the Region; null = no limit. */
export const usableSlots = ({ quota }: Regime) => (quota === null ? null : Math.min(limits.copySlots, quota));
