"use client";
import type { PushHandle, PushState } from "@mirage/client/push";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { loadPush } from "../hooks/use-pushes.ts";
import { useRealtime } from "../provider.tsx";

/** Web push on this browser, as its settings show it. */
export interface KnownPush {
  state: PushState;
  /** Turning it on or off is under way. */
  isBusy: boolean;
  /** Why it could not be turned on. */
  error: string | undefined;
  turnOn(): void;
  turnOff(): void;
}

const unknown: PushState = { status: "unknown" };

/** Reads how web push stands here, and again whenever the person comes back from the browser's own settings. */
export function usePush(): KnownPush {
  const context = useRealtime();
  const [push, setPush] = useState<PushHandle>();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string>();
  useEffect(() => {
    let isGone = false;
    loadPush(context).then(
      (parts) => !isGone && setPush(parts?.push),
      // The next time the settings are opened it is loaded again.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [context]);
  useEffect(() => {
    if (!push) return;
    const refresh = () => void push.refresh().catch(() => undefined);
    refresh();
    window.addEventListener("focus", refresh);
    return () => window.removeEventListener("focus", refresh);
  }, [push]);
  const state = useSyncExternalStore(
    useCallback((listener) => push?.state.subscribe(listener) ?? (() => undefined), [push]),
    () => push?.state.get() ?? unknown,
    () => unknown,
  );
  const run = async (work: (() => Promise<void>) | undefined) => {
    setIsBusy(true);
    setError(undefined);
    try {
      await work?.();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setIsBusy(false);
    }
  };
  return {
    state,
    isBusy,
    error,
    turnOn: () => void run(push && (() => push.turnOn())),
    turnOff: () => void run(push && (() => push.turnOff())),
  };
}
