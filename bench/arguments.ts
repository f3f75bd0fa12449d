import { parseArgs } from "node:util";
import type { Script } from "../infra/script.ts";
import { UsageError } from "../terminal/output.ts";
import { type Regime, regimes } from "./regimes.ts";

export type Options = {
  volumes: number[];
  regimes: Regime[];
  tools: string[];
  json: boolean;
  clock: "real" | "virtual";
  seed: number;
  /** Most old space of Lifeboat's heap, MiB; null = as V8 chooses. */
  heapMiB: number | null;
};

export const toolNames = ["lifeboat", "c7n", "shelvery"];

export const script: Script = {
  name: "bench:replicate",
  does: "Measures a pass of replication beside other tools; they need Python (docs/benchmarks.md).",
  options: {
    volumes: { value: "N", says: "how many, on a quarter as many instances; several: 100,1000", default: "100" },
    regime: { value: "A..H", says: "one letter, several (ABG), or a range (A..H)", default: "A" },
    only: { value: "TOOL", says: `${toolNames.join(", ")}; without it all of them` },
    json: { says: "one object a line" },
    clock: {
      value: "CLOCK",
      says: "real, or virtual: on the project's simulator (B and H, only lifeboat)",
      default: "real",
    },
    seed: { value: "N", says: "what chance draws", default: "1" },
    heap: { value: "MIB", says: "cap of Lifeboat's heap, as --max-old-space-size; without it as Node chooses" },
  },
};
const help = "npm run bench:replicate -- --help";

/** Reads the command line. Throws UsageError. */
export const readArguments = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      volumes: { type: "string", default: "100" },
      regime: { type: "string", default: "A" },
      only: { type: "string" },
      json: { type: "boolean", default: false },
      clock: { type: "string", default: "real" },
      seed: { type: "string", default: "1" },
      heap: { type: "string" },
    },
  });
  const volumes = values.volumes.split(",").map(Number);
  if (volumes.some((count) => !Number.isInteger(count) || count < 4 || count % 4 !== 0))
    throw new UsageError(`--volumes: expected multiples of 4, as an instance has four (got ${values.volumes})`, help);
  const chosen = lettersOf(values.regime).map((letter) => regimes.get(letter));
  if (chosen.length === 0 || chosen.includes(undefined))
    throw new UsageError(`--regime: expected letters of ${[...regimes.keys()].join("")} (got ${values.regime})`, help);
  if (values.only && !toolNames.includes(values.only))
    throw new UsageError(`--only: expected ${toolNames.join(", ")} (got ${values.only})`, help);
  if (values.clock !== "real" && values.clock !== "virtual")
    throw new UsageError(`--clock: expected real or virtual (got ${values.clock})`, help);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new UsageError(`--seed: expected a whole number (got ${values.seed})`, help);
  const heapMiB = values.heap === undefined ? null : Number(values.heap);
  if (heapMiB !== null && !(Number.isInteger(heapMiB) && heapMiB > 0))
    throw new UsageError(`--heap: expected whole MiB (got ${values.heap})`, help);
  const tools = values.only ? [values.only] : toolNames;
  return { volumes, regimes: chosen as Regime[], tools, json: values.json, clock: values.clock, seed, heapMiB };
};

/** `A..C` and `ABC` -> A, B, C. */
const lettersOf = (text: string): string[] => {
  const [, first, last] = /^([A-Z])\.\.([A-Z])$/.exec(text) ?? [];
  if (!first || !last) return [...text.replaceAll(",", "")];
  return [...regimes.keys()].filter((letter) => letter >= first && letter <= last);
};
