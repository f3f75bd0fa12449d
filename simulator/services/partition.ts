import type { Item } from "./expression-tokens.ts";

/** The items of one partition key, in the order of their sort keys: by the bytes of their text. [DynamoDB: Query] */
export const createPartition = () => {
  const items = new Map<string, Item>();
  const order: Buffer[] = [];

  /** Place of the first sort key that is not less than `key`. */
  const placeOf = (key: Buffer) => {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(order[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get: (sk: string) => items.get(sk),
    set(sk: string, item: Item) {
      if (!items.has(sk)) order.splice(placeOf(Buffer.from(sk)), 0, Buffer.from(sk));
      items.set(sk, item);
    },
    delete(sk: string) {
      if (items.delete(sk)) order.splice(placeOf(Buffer.from(sk)), 1);
    },
    entries: () => [...items],
    /** Items whose sort key begins with `prefix`, those after `after` only, one by one. */
    *from(prefix: string, after: string | null) {
      const start = Buffer.from(after !== null && after > prefix ? after : prefix);
      for (let at = placeOf(start); at < order.length; at += 1) {
        const sk = order[at]!.toString();
        if (sk === after) continue;
        if (!sk.startsWith(prefix)) return;
        yield items.get(sk)!;
      }
    },
  };
};
export type Partition = ReturnType<typeof createPartition>;
