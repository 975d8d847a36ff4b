"use client";
import { X } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";

const shownMs = 8_000;

/** Keeps the last thing that went wrong; a newer one replaces it, so that they never pile up. */
export function useTrouble() {
  const { labels } = useRealtime();
  const [text, setText] = useState<string>();
  const fail = useCallback(
    (error: unknown) => setText(labels.actionFailed(error instanceof Error ? error.message : String(error))),
    [labels],
  );
  const clear = useCallback(() => setText(undefined), []);
  useEffect(() => {
    if (text === undefined) return;
    const timer = setTimeout(clear, shownMs);
    return () => clearTimeout(timer);
  }, [text, clear]);
  return { text, fail, clear };
}

/** Says above the composer what was refused. */
export function Trouble({ text, onClose }: { text: string | undefined; onClose(): void }) {
  const { labels } = useRealtime();
  if (text === undefined) return null;
  return (
    <div className="mrg-trouble" role="alert">
      <span>{text}</span>
      <IconButton label={labels.close} onClick={onClose}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}
