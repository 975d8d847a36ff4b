"use client";
import { useEffect } from "react";

/** What F6 goes through: the rooms, then the messages and the composer, or a document's tools, text and panel. */
const regions = [
  ".app-side .mrg-room[aria-current], .app-side .mrg-room",
  '.mrg-row[tabindex="0"]',
  ".mrg-textarea",
  ".mrg-doc-toolbar",
  ".mrg-doc-content",
  ".mrg-doc-panel button",
];

/** F6 moves to the next region, Shift+F6 back. */
export function useRegionKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "F6") return;
      event.preventDefault();
      const targets = regions.map((selector) => document.querySelector<HTMLElement>(selector));
      const here = targets.findIndex((target) => regionOf(target)?.contains(document.activeElement));
      const step = event.shiftKey ? -1 : 1;
      for (let tried = 1; tried <= targets.length; tried++) {
        const start = here === -1 && step === -1 ? 0 : here;
        const target = targets.at((start + step * tried + targets.length) % targets.length);
        if (target && target.offsetParent !== null) return target.focus();
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function regionOf(element: HTMLElement | null): Element | null | undefined {
  return element?.closest(".app-side, .mrg-list, .mrg-composer, .mrg-doc-toolbar, .mrg-doc-content, .mrg-doc-panel");
}
