"use client";
import { useCallback, useEffect, useState } from "react";
import { useBackStep } from "../hooks/use-back-step.ts";

/** What stands beside the text. */
export type Panel = "comments" | "versions" | undefined;

/** Which panel is open. On a phone, where it lies over the page, "back" closes it. */
export function usePanel(first: Panel) {
  const [kind, setKind] = useState<NonNullable<Panel>>(first ?? "comments");
  const { isOpen, open: openStep, close: closeStep } = useBackStep();
  const open = useCallback(
    (next: NonNullable<Panel>) => {
      setKind(next);
      openStep();
    },
    [openStep],
  );
  const close = useCallback(() => closeStep(), [closeStep]);
  useEffect(() => {
    if (first !== undefined) open(first);
  }, [first, open]);
  return { panel: isOpen ? kind : undefined, open, close } satisfies { panel: Panel; open: unknown; close: unknown };
}
