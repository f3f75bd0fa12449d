/** What goes of one point in one Region, in this order: images first, as they use the snapshots. Ids of EC2. */
export type Doomed = { point: string; ids: string[] };

/** Side of a run: the Region of the copies, and that of the source snapshots. */
export type Side = "target" | "source";
export const sides = ["target", "source"] as const;
export type Queues = Record<Side, Doomed[]>;

/** Ids of one Region in one chunk: with those of the other Region far below what the state of a machine may hold. */
export const idsPerChunk = 1_000;

export const isImage = (id: string) => id.startsWith("ami-");

export const countIds = (doomed: Doomed[]) => doomed.reduce((sum, { ids }) => sum + ids.length, 0);

/** Cuts both queues into chunks, in their order; the i-th chunk has the i-th part of each. At least one. */
export const inChunks = ({ target, source }: Queues): Queues[] => {
  const [targets, sources] = [cut(target), cut(source)];
  const count = Math.max(1, targets.length, sources.length);
  return Array.from({ length: count }, (_, index) => ({ target: targets[index] ?? [], source: sources[index] ?? [] }));
};

const cut = (doomed: Doomed[]): Doomed[][] => {
  const chunks: Doomed[][] = [];
  let room = 0;
  for (const { point, ids } of doomed)
    for (let from = 0; from < ids.length; ) {
      if (room === 0) {
        chunks.push([]);
        room = idsPerChunk;
      }
      const part = ids.slice(from, from + room);
      chunks.at(-1)?.push({ point, ids: part });
      from += part.length;
      room -= part.length;
    }
  return chunks;
};
