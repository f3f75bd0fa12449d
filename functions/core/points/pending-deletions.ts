/** Ids of one point to be deleted in one Region, in this order: images first, as they use the snapshots. Ids of EC2. */
export type PendingDeletion = { point: string; ids: string[] };

/** Role of a Region in a run: the Region of the copies, and that of the source snapshots. */
export type RegionRole = "target" | "source";
export const regionRoles = ["target", "source"] as const;
export type Queues = Record<RegionRole, PendingDeletion[]>;

/** Ids of one Region in one chunk: with those of the other Region far below the size limit of a machine's state. */
export const idsPerChunk = 1_000;

export const isAmiId = (id: string) => id.startsWith("ami-");

export const countIds = (pending: PendingDeletion[]) => pending.reduce((sum, { ids }) => sum + ids.length, 0);

/** Cuts both queues into chunks, in their order; the i-th chunk has the i-th part of each. At least one. */
export const inChunks = ({ target, source }: Queues): Queues[] => {
  const [targets, sources] = [cut(target), cut(source)];
  const count = Math.max(1, targets.length, sources.length);
  return Array.from({ length: count }, (_, index) => ({ target: targets[index] ?? [], source: sources[index] ?? [] }));
};

const cut = (pending: PendingDeletion[]): PendingDeletion[][] => {
  const chunks: PendingDeletion[][] = [];
  let room = 0;
  for (const { point, ids } of pending)
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
