"use client";
import { FilePlus2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { useRealtime } from "../provider.tsx";
import type { MessageChoice } from "./use-message-choice.ts";

/** Stands in for the composer while messages are being chosen. */
export function ChoiceBar({ choice }: { choice: MessageChoice }) {
  const { labels } = useRealtime();
  const bar = useRef<HTMLFieldSetElement>(null);
  const { end } = choice;
  useEffect(() => bar.current?.focus(), []);
  useEffect(() => {
    const onKeyDown = ({ key }: KeyboardEvent) => key === "Escape" && end();
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [end]);
  const count = choice.chosen?.size ?? 0;
  return (
    <fieldset ref={bar} className="mrg-choice-bar" tabIndex={-1} aria-label={labels.chooseMessages}>
      <span role="status">{labels.chosenMessages(count)}</span>
      <button type="button" className="mrg-button" onClick={end}>
        {labels.cancel}
      </button>
      <button
        type="button"
        className="mrg-button mrg-button-primary"
        disabled={count === 0 || choice.isRunning}
        onClick={choice.makeDocument}
      >
        <FilePlus2 size={17} aria-hidden /> {labels.makeDocument}
      </button>
    </fieldset>
  );
}
