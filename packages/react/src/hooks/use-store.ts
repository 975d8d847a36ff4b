"use client";
import type { ReadonlyStore } from "@mirage/client";
import { useCallback, useSyncExternalStore } from "react";

/** Renders again whenever the store changes. */
export function useStore<State>(store: ReadonlyStore<State>): State {
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  const get = useCallback(() => store.get(), [store]);
  return useSyncExternalStore(subscribe, get, get);
}
