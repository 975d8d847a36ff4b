import type { Clock, Timer } from "../lib/clock.ts";

/** Nobody has touched anything for so long: nobody sits here. */
export const awayAfterMs = 5 * 60_000;
/** Input comes in floods; it is looked at this often. */
const lookMs = 1_000;

const inputs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"] as const;

export interface AutoAwayOptions {
  /** Where input arrives: a browser's window. */
  target: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  clock: Clock;
  setAway: (isAway: boolean) => void;
}

/** Says when nobody has used this device for five minutes, and when somebody does again. Returns what ends it. */
export function startAutoAway({ target, clock, setAway }: AutoAwayOptions): () => void {
  let timer: Timer | undefined;
  let usedAtMs = clock.monotonicMs();
  const wait = (delayMs: number): void => {
    timer = clock.after(delayMs, () => {
      const leftMs = usedAtMs + awayAfterMs - clock.monotonicMs();
      timer = undefined;
      if (leftMs > 0) wait(leftMs);
      else setAway(true);
    });
  };
  const use = (): void => {
    const nowMs = clock.monotonicMs();
    if (timer && nowMs - usedAtMs < lookMs) return;
    usedAtMs = nowMs;
    setAway(false);
    if (!timer) wait(awayAfterMs);
  };
  for (const input of inputs) target.addEventListener(input, use, { passive: true, capture: true });
  wait(awayAfterMs);
  return () => {
    timer?.cancel();
    for (const input of inputs) target.removeEventListener(input, use, { capture: true });
  };
}
