"use client";
import type { FileUrl } from "@mirage/protocol";
import { useEffect, useState } from "react";
import { useRealtime } from "../provider.tsx";

/** Where a file is; undefined until that is known. `fail` says that the address did not work: it is asked for once more. */
export function useFileUrl(fileId: string | undefined): { url: FileUrl | undefined; fail(): void } {
  const { realtime } = useRealtime();
  const [attempt, setAttempt] = useState(0);
  const [url, setUrl] = useState(() => (fileId === undefined ? undefined : realtime.files.peekUrl(fileId)));
  useEffect(() => {
    if (fileId === undefined) return;
    let isShown = true;
    if (attempt > 0) realtime.files.forgetUrl(fileId);
    realtime.files.findUrl(fileId).then(
      (found) => isShown && setUrl(found),
      // Without a connection the picture stays away; the next view of it asks again.
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [realtime, fileId, attempt]);
  return { url, fail: () => setAttempt((count) => Math.min(count + 1, 1)) };
}
