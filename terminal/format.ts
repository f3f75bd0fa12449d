import type pc from "picocolors";

/** Colours for a terminal, or none. */
export type Paint = ReturnType<typeof pc.createColors>;

/** 372 -> "6m 12s"; whole units, two at most. */
export const duration = (seconds: number | null) => {
  if (seconds === null) return "none";
  const sign = seconds < 0 ? "-" : "";
  const whole = Math.round(Math.abs(seconds));
  const units: [number, string][] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "m"],
    [1, "s"],
  ];
  const parts: string[] = [];
  let left = whole;
  for (const [size, name] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return sign + (parts.slice(0, 2).join(" ") || "0s");
};

/** Offset from time 0 as T+00:03:12. */
export const offset = (ms: number, zeroMs: number) => {
  const seconds = Math.round((ms - zeroMs) / 1_000);
  const of = (size: number, modulo: number) => String(Math.floor(Math.abs(seconds) / size) % modulo).padStart(2, "0");
  return `T${seconds < 0 ? "-" : "+"}${of(3_600, 1_000)}:${of(60, 60)}:${of(1, 60)}`;
};
