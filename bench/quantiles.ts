export interface Quantiles {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

/** Of the raw samples of all repeats together; undefined where there are none. */
export function quantilesOf(samples: readonly Float32Array[]): Quantiles | undefined {
  const count = samples.reduce((sum, { length }) => sum + length, 0);
  if (count === 0) return undefined;
  const all = new Float32Array(count);
  let at = 0;
  for (const part of samples) {
    all.set(part, at);
    at += part.length;
  }
  all.sort();
  const value = (share: number) => round(all[Math.min(count - 1, Math.floor(count * share))] ?? 0);
  return { count, p50: value(0.5), p90: value(0.9), p99: value(0.99), p999: value(0.999), max: value(1) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Four digits that matter. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
