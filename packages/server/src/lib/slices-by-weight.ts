/** Cuts a list into slices of at most `maxWeight` together; what is heavier by itself is alone. */
export function* slicesByWeight<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
  maxWeight: number,
): Generator<Item[]> {
  let slice: Item[] = [];
  let weight = 0;
  for (const item of items) {
    const added = weightOf(item);
    if (slice.length > 0 && weight + added > maxWeight) {
      yield slice;
      slice = [];
      weight = 0;
    }
    slice.push(item);
    weight += added;
  }
  if (slice.length > 0) yield slice;
}
