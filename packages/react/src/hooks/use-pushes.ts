"use client";
import type { PushHandle } from "@mirage/client/push";
import { useCallback, useEffect } from "react";
import { type RealtimeContext, useRealtime } from "../provider.tsx";

/** Web push on this browser, with the code for it; undefined where the host has no worker for it. */
export async function loadPush(context: RealtimeContext): Promise<PushParts | undefined> {
  const { realtime, me, pushWorkerUrl } = context;
  if (pushWorkerUrl === undefined) return undefined;
  const { followPushes, openPush, openPushBrowser } = await import("@mirage/client/push");
  const browser = openPushBrowser(pushWorkerUrl);
  return {
    push: openPush({ realtime, userId: me.userId, browser }),
    follow: (open) => followPushes({ realtime, browser }, open),
  };
}

interface PushParts {
  push: PushHandle;
  follow(open: (path: string) => void): () => void;
}

/**
 * Keeps this browser's pushes true while the app is open: for whom they are, what of them was read, and where a click on
 * one leads, which is a path within the app. `open` is stable over renders.
 */
export function usePushes(open: (path: string) => void): void {
  const context = useRealtime();
  useEffect(() => {
    let end: (() => void) | undefined;
    let isGone = false;
    const start = async () => {
      // Whoever has never turned push on has no worker, and needs none of its code.
      if (!(await navigator.serviceWorker?.getRegistration())) return;
      const parts = await loadPush(context);
      if (isGone || !parts) return;
      end = parts.follow(open);
      await parts.push.refresh();
    };
    // What could not be asked now is asked by the next page.
    start().catch(() => undefined);
    return () => {
      isGone = true;
      end?.();
    };
  }, [context, open]);
}

/** Answers what ends this browser's pushes, for whoever signs out of it; it never rejects. */
export function useEndPushes(): () => Promise<void> {
  const context = useRealtime();
  return useCallback(async () => {
    try {
      if (await navigator.serviceWorker?.getRegistration()) await (await loadPush(context))?.push.turnOff();
    } catch {
      // Without its code, or its worker, there is nothing to end.
      return;
    }
  }, [context]);
}
