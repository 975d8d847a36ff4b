"use client";
import { useEffect, useState } from "react";
import { useRealtime } from "../provider.tsx";

/** When one's own status clears by itself; absent where it stays, or where nobody could say. */
export function useOwnEnd(): { end: Date | undefined; isKnown: boolean } {
  const { presence } = useRealtime().realtime;
  const [own, setOwn] = useState<{ end: Date | undefined; isKnown: boolean }>({ end: undefined, isKnown: false });
  useEffect(() => {
    let isShown = true;
    const know = (end: Date | undefined) => {
      if (isShown) setOwn({ end, isKnown: true });
    };
    presence.getOwn().then(
      ({ expiresAt }) => know(expiresAt === undefined ? undefined : new Date(expiresAt)),
      () => know(undefined),
    );
    return () => {
      isShown = false;
    };
  }, [presence]);
  return own;
}
