import type { Point } from "../../core/model/recovery-point.ts";
import type { Queues } from "../../core/points/pending-deletions.ts";
import type { Table } from "./table.ts";

const prefix = "pending#";
const keyOf = (application: string, number: number) => ({
  pk: application,
  sk: `${prefix}${String(number).padStart(4, "0")}`,
});

/** Saves points, many in a call. Not atomic. */
export const savePoints = (table: Table, points: Point[]) =>
  table.write(points.map((point) => ({ key: { pk: point.application, sk: `point#${point.id}` }, item: point })));

/** Keeps the chunks of what a rotation deletes, numbered from `first`, in place of all that an earlier one has left. */
export const saveChunks = async (table: Table, application: string, chunks: Queues[], first: number) => {
  const known = await table.query<{ number: number }>(application, prefix);
  const numbered = chunks.map((queues, index) => ({ number: first + index, queues }));
  const stale = known.filter(({ number }) => !numbered.some((chunk) => chunk.number === number));
  await table.write(
    numbered.map((chunk) => ({ key: keyOf(application, chunk.number), item: chunk })),
    stale.map(({ number }) => keyOf(application, number)),
  );
};

/** Null when there is none of this number. */
export const readChunk = async (table: Table, application: string, number: number): Promise<Queues | null> => {
  const found = await table.get<{ queues: Queues }>(keyOf(application, number));
  return found?.queues ?? null;
};
