/** Does all the work, so many pieces at a time. */
export async function inParallel<Item>(
  items: readonly Item[],
  options: { atOnce: number; work: (item: Item) => Promise<void> },
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next++];
      if (item !== undefined) await options.work(item);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
}
