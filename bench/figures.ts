import { type Calls, copyCalls, sum } from "./proxy/tally.ts";

/** One line of the bench: the fields and their order are its contract. */
export type Figures = {
  tool: string;
  version: string;
  volumes: number;
  regime: string;
  calls: number;
  /** Create, copy, prune of the copy, and the listings for them. */
  callsPerVolume: number;
  /** Everything: both Regions, images, manifests, all services. */
  cycleCallsPerVolume: number;
  wallSeconds: number;
  rssMiB: number;
  completed: number;
  lost: number;
  duplicates: number;
  maxInFlight: number;
  /** Null where copies take no time, or have no quota. */
  slotsFullPercent: number | null;
  /** Exit code; null = killed at the time limit. */
  exit: number | null;
};

const order: (keyof Figures)[] = [
  ...(["tool", "version", "volumes", "regime", "calls", "callsPerVolume", "cycleCallsPerVolume"] as const),
  ...(["wallSeconds", "rssMiB", "completed", "lost", "duplicates", "maxInFlight", "slotsFullPercent", "exit"] as const),
];
export const inOrder = (figures: Figures): Figures =>
  Object.fromEntries(order.map((name) => [name, figures[name]])) as Figures;

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** What calls say, per volume. */
export const callFigures = (calls: Calls, source: string, volumes: number) => ({
  calls: sum(calls),
  callsPerVolume: rounded(copyCalls(calls, source) / volumes, 3),
  cycleCallsPerVolume: rounded(sum(calls) / volumes, 3),
});

/** What the copies that are there say: by id, the volume that each is of. Copies of before do not count. */
export const copyFigures = (
  copies: Map<string, string>,
  before: Set<string>,
  isPending: (id: string) => boolean,
  volumes: number,
) => {
  const made = [...copies].filter(([id]) => !before.has(id));
  const of = (some: [string, string][]) => new Set(some.map(([, volume]) => volume)).size;
  const completed = of(made.filter(([id]) => !isPending(id)));
  return { completed, lost: volumes - completed, duplicates: made.length - of(made) };
};

export const measureFigures = (wallSeconds: number, rssMiB: number, maxInFlight: number, full: number | null) => ({
  wallSeconds: rounded(wallSeconds, 1),
  rssMiB: Math.round(rssMiB),
  maxInFlight,
  slotsFullPercent: full === null ? null : rounded(full, 1),
});

/** As a table for people: one line for each tool and regime. */
export const table = (rows: Figures[]): string => {
  const cells = [order as string[], ...rows.map((row) => order.map((name) => String(row[name] ?? "-")))];
  const widths = order.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
