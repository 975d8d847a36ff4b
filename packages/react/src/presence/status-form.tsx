"use client";
import type { Presence, PresenceStatus } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { SmilePlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { EmojiPopover } from "../emoji-popover.tsx";
import { useRealtime } from "../provider.tsx";
import { type ClearAfter, clearAt, endLeft } from "./clear-after.ts";
import { ClearChoice } from "./clear-choice.tsx";
import { PresenceDot } from "./presence-dot.tsx";
import { useOwnEnd } from "./use-own-end.ts";

/** Chooses what others see: a status, words, an emoji, and until when. */
export function StatusForm({ presence, onDone }: { presence: Presence | undefined; onDone(): void }) {
  const { realtime, labels } = useRealtime();
  const [chosen, setStatus] = useState<PresenceStatus>();
  // Until another is picked it follows what is: whoever was away is online as soon as they touch this.
  const status = chosen ?? presence?.status ?? "online";
  const [text, setText] = useState(presence?.text ?? "");
  const [emoji, setEmoji] = useState(presence?.emoji);
  const [after, setAfter] = useState<ClearAfter>();
  const { end, isKnown } = useOwnEnd();
  const [failure, setFailure] = useState<string>();

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const words = text.trim();
    const now = new Date();
    const expiresAt = after === undefined ? endLeft(end, now)?.toISOString() : clearAt(after, now);
    try {
      await realtime.presence.choose({
        status,
        ...(words === "" ? {} : { text: words }),
        ...(emoji === undefined ? {} : { emoji }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      onDone();
    } catch (error) {
      setFailure(labels.actionFailed(error instanceof Error ? error.message : String(error)));
    }
  }

  return (
    <form className="mrg-status-form" onSubmit={(event) => void save(event)}>
      <StatusChoice status={status} onChange={setStatus} />
      <div className="mrg-status-text">
        <EmojiPopover align="start" onPick={setEmoji}>
          <button type="button" className="mrg-icon-button" aria-label={labels.statusEmoji} title={labels.statusEmoji}>
            {emoji ?? <SmilePlus size={18} aria-hidden />}
          </button>
        </EmojiPopover>
        <input
          className="mrg-input"
          dir="auto"
          aria-label={labels.statusText}
          placeholder={labels.statusText}
          maxLength={limits.presenceTextCodePoints}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <ClearChoice after={after} end={end} onChange={setAfter} />
      {failure && <p role="alert">{failure}</p>}
      <div className="mrg-dialog-buttons">
        {(text !== "" || emoji !== undefined) && (
          <button
            type="button"
            className="mrg-button"
            onClick={() => {
              setText("");
              setEmoji(undefined);
            }}
          >
            {labels.clearStatus}
          </button>
        )}
        {/* Whoever changes a word keeps the time at which it clears. */}
        <button type="submit" className="mrg-button mrg-button-primary" disabled={!isKnown}>
          {labels.save}
        </button>
      </div>
    </form>
  );
}

const statuses: readonly PresenceStatus[] = ["online", "away", "dnd", "offline"];

function StatusChoice({ status, onChange }: { status: PresenceStatus; onChange(status: PresenceStatus): void }) {
  const { labels } = useRealtime();
  return (
    <fieldset className="mrg-status-choice">
      <legend>{labels.setStatus}</legend>
      {statuses.map((each) => (
        <label key={each} className="mrg-menu-item">
          <input type="radio" name="status" value={each} checked={each === status} onChange={() => onChange(each)} />
          <span aria-hidden>
            <PresenceDot status={each} />
          </span>
          <span>
            {each === "offline" ? labels.invisible : labels.presence[each]}
            {each === "offline" && <small>{labels.invisibleHint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
