/** When a status clears by itself. */
export const clearAfters = ["never", "30m", "1h", "4h", "today"] as const;
export type ClearAfter = (typeof clearAfters)[number];

const minutes: Partial<Record<ClearAfter, number>> = { "30m": 30, "1h": 60, "4h": 240 };

/** The instant, as ISO 8601, at which what is chosen now clears; `today` ends at the midnight of this place. */
export function clearAt(after: ClearAfter, now: Date): string | undefined {
  if (after === "never") return undefined;
  const length = minutes[after];
  if (length !== undefined) return new Date(now.getTime() + length * 60_000).toISOString();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).toISOString();
}

/** When what was chosen before clears, where that is still to come. */
export function endLeft(end: Date | undefined, now: Date): Date | undefined {
  return end !== undefined && end > now ? end : undefined;
}
