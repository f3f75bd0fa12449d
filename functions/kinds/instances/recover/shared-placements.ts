import {
  earliest,
  fullSlot,
  isBusy,
  openSlot,
  type PlacementMemory,
} from "../../../core/instances/launch/placement-memory.ts";

/** The memory of the slots as the launches of one invocation share it. */
export const sharedSlots = (known: PlacementMemory, now: () => Date) => {
  let memory = known;
  /** Slots that have had room in this invocation: many may ask at once. */
  const roomy = new Set<string>();
  const probes = new Map<string, Promise<void>>();

  return {
    isFull: (slot: string) => isBusy(memory, slot, now()),
    /** Resolves when this slot may be asked: of a slot that nobody has asked for, one asks and the others wait. */
    async enter(slot: string): Promise<() => void> {
      while (!roomy.has(slot) && probes.has(slot)) await probes.get(slot);
      if (roomy.has(slot)) return () => undefined;
      let leave = () => {};
      probes.set(
        slot,
        new Promise<void>((resolve) => {
          leave = () => {
            probes.delete(slot);
            resolve();
          };
        }),
      );
      return leave;
    },
    hadRoom: (slot: string) => {
      roomy.add(slot);
      memory = openSlot(memory, slot);
    },
    hadNone: (slot: string, code: string) => {
      roomy.delete(slot);
      memory = fullSlot(memory, slot, code, now());
    },
    codeOf: (slot: string) => memory[slot]?.code ?? "",
    earliest: (slots: string[]) => earliest(memory, slots),
    memory: () => memory,
  };
};
export type SharedPlacements = ReturnType<typeof sharedSlots>;
