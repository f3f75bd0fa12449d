/** Does this for every item, at most `width` at once; the first error ends it, once those at work have ended. */
export const inParallel = async <T>(items: T[], width: number, act: (item: T) => Promise<void>): Promise<void> => {
  const queue = [...items];
  const errors: unknown[] = [];
  const work = async () => {
    for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift())
      await act(item).catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  if (errors.length > 0) throw errors[0];
};
