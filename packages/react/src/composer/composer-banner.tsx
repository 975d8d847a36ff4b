"use client";
import { CornerUpRight, Pencil, X } from "lucide-react";
import { summariseMessage } from "../content/summarise-message.ts";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import type { ComposerMode } from "./composer-mode.ts";

/** Says which message is being answered or edited, and lets one stop. */
export function ComposerBanner({ mode, onCancel }: { mode: ComposerMode; onCancel(): void }) {
  const { labels } = useRealtime();
  if (mode.kind === "new") return null;
  return (
    <div className="mrg-composer-banner">
      {mode.kind === "reply" ? <CornerUpRight size={15} aria-hidden /> : <Pencil size={15} aria-hidden />}
      <span className="mrg-composer-banner-text" dir="auto">
        <b>{mode.kind === "reply" ? labels.replyingTo(mode.message.username) : labels.editing}</b>
        {mode.kind === "reply" && ` ${summariseMessage(mode.message)}`}
      </span>
      <IconButton label={labels.cancel} onClick={onCancel}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}
