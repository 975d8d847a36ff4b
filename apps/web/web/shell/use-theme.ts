"use client";
import { useCallback, useEffect, useState } from "react";

export type Theme = "system" | "light" | "dark";

// The same key as in public/theme.js, which applies it before the first paint.
const storageKey = "mirage:theme";

/** The chosen theme, and the way to change it. */
export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void } {
  const [theme, setState] = useState<Theme>("system");
  useEffect(() => {
    const chosen = document.documentElement.dataset.theme;
    if (chosen === "light" || chosen === "dark") setState(chosen);
  }, []);
  const setTheme = useCallback((next: Theme) => {
    setState(next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, next);
    } catch {
      // Without storage the choice lasts as long as the page.
      return;
    }
  }, []);
  return { theme, setTheme };
}
