"use client";
import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useStore } from "./hooks/use-store.ts";
import { IconButton } from "./icon-button.tsx";
import type { Labels } from "./labels.ts";
import { outdated } from "./outdated.ts";

/**
 * Says above everything, dialogs too, that something cannot be opened because the page is older than the app on the
 * server. When to reload is left to the person, who may be writing.
 */
export function OutdatedNotice({ labels }: { labels: Labels }) {
  const box = useRef<HTMLDivElement>(null);
  const isShown = useStore(outdated);
  useEffect(() => {
    // Older browsers, which have no such layer, show it at the end of the page.
    if (isShown) box.current?.showPopover?.();
  }, [isShown]);
  // It is announced, and is not hidden behind dialogs, because it stands there before it has anything to say.
  return (
    <div aria-live="assertive">
      {isShown && (
        <div ref={box} popover="manual" className="mrg-layer mrg-outdated">
          <p>{labels.outdated}</p>
          <button type="button" className="mrg-button mrg-button-primary" onClick={() => window.location.reload()}>
            {labels.reload}
          </button>
          <IconButton label={labels.close} onClick={() => outdated.set(false)}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  );
}
