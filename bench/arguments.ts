import { parseArgs } from "node:util";
import { type Regime, regimes } from "./regimes.ts";

export type Options = {
  volumes: number[];
  regimes: Regime[];
  tools: string[];
  json: boolean;
  clock: "real" | "virtual";
  seed: number;
};

export const toolNames = ["lifeboat", "c7n", "shelvery"];

export const usage = `usage: npm run bench:replicate -- --volumes N --regime A..H [--only TOOL] [--json] [--clock virtual] [--seed N]
  --volumes   how many volumes, on a quarter as many instances; several: 100,1000
  --regime    one letter, several (ABG), or a range (A..H)
  --only      ${toolNames.join(", ")}; without it all of them
  --json      one object a line
  --clock     virtual: the machines on the project's simulator (B and H, only lifeboat)`;

/** Reads the command line. Throws with one sentence. */
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
    },
  });
  const volumes = values.volumes.split(",").map(Number);
  if (volumes.some((count) => !Number.isInteger(count) || count < 4 || count % 4 !== 0))
    throw new Error(`--volumes: expected multiples of 4, as an instance has four (got ${values.volumes})`);
  const chosen = lettersOf(values.regime).map((letter) => regimes.get(letter));
  if (chosen.length === 0 || chosen.includes(undefined))
    throw new Error(`--regime: expected letters of ${[...regimes.keys()].join("")} (got ${values.regime})`);
  if (values.only && !toolNames.includes(values.only))
    throw new Error(`--only: expected ${toolNames.join(", ")} (got ${values.only})`);
  if (values.clock !== "real" && values.clock !== "virtual")
    throw new Error(`--clock: expected real or virtual (got ${values.clock})`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new Error(`--seed: expected a whole number (got ${values.seed})`);
  const tools = values.only ? [values.only] : toolNames;
  return { volumes, regimes: chosen as Regime[], tools, json: values.json, clock: values.clock, seed };
};

/** `A..C` and `ABC` -> A, B, C. */
const lettersOf = (text: string): string[] => {
  const [, first, last] = /^([A-Z])\.\.([A-Z])$/.exec(text) ?? [];
  if (!first || !last) return [...text.replaceAll(",", "")];
  return [...regimes.keys()].filter((letter) => letter >= first && letter <= last);
};
