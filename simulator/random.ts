/** A stream of drawn numbers. Streams of different names are independent, so that a new draw here moves nothing there. */
export type Random = {
  /** At least 0, below 1. */
  next(): number;
  between(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
  chance(rate: number): boolean;
  /** A stream of its own: the same name always gives the same one, however much was drawn here. */
  fork(name: string): Random;
};

/** The stream of a seed, and of a name under it. */
export const createRandom = (seed: number, name = ""): Random => {
  let state = hash(`${seed}/${name}`);
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    pick: (from) => {
      if (from.length === 0) throw new Error("nothing to pick from");
      return from[Math.floor(next() * from.length)]!;
    },
    chance: (rate) => rate > 0 && next() < rate,
    fork: (inner) => createRandom(seed, `${name}/${inner}`),
  };
};

/** 32 bits of a text, well mixed (FNV-1a and the finalizer of MurmurHash3). */
export const hash = (text: string) => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
};
