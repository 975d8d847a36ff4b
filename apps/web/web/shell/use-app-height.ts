"use client";
import { useEffect } from "react";

/** Keeps the app as high as what can be seen: on iOS the keyboard covers the page instead of shrinking it. */
export function useAppHeight(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (!viewport) return;
    const root = document.documentElement;
    const update = () => {
      // Zoomed in by hand, the page must not shrink with what is seen of it.
      if (viewport.scale > 1.01) return;
      const isCovered = window.innerHeight - viewport.height > 1;
      if (isCovered) root.style.setProperty("--app-height", `${viewport.height}px`);
      else root.style.removeProperty("--app-height");
      if (isCovered) window.scrollTo(0, 0);
    };
    viewport.addEventListener("resize", update);
    return () => {
      viewport.removeEventListener("resize", update);
      root.style.removeProperty("--app-height");
    };
  }, []);
}
