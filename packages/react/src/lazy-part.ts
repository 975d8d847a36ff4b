"use client";
import { type Clock, systemClock } from "@mirage/client";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { outdated, watchForGone } from "./outdated.ts";

const firstWaitMs = 500;
const longestWaitMs = 8_000;

/**
 * A part of the page that is loaded when it is first shown, like React's `lazy`, but patiently: while it cannot be loaded
 * the fallback of the `Suspense` around it stands, and the rest of the page goes on. Where its code is gone, because the
 * server has a newer app, the provider around it says so.
 */
export function lazyPart<Props>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  const onFailure = watchForGone(() => outdated.set(true));
  return lazy(async () => ({ default: await loadPatiently(load, { onFailure }) }));
}

interface Patience {
  /** Called after each failure, and waited for. */
  onFailure?: () => Promise<void>;
  clock?: Clock;
}

/** Loads code as soon as it can be had: tries again, later each time, for as long as the page is open. */
export async function loadPatiently<Code>(
  load: () => Promise<Code>,
  { onFailure, clock = systemClock }: Patience = {},
): Promise<Code> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await load();
    } catch {
      await onFailure?.();
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }
}
