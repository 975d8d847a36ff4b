"use client";
import { limits } from "@mirage/protocol/limits";
import { type FormEvent, useState } from "react";
import { useRealtime } from "../provider.tsx";
import type { Email } from "./use-email.ts";
import { usePreferenceLabels } from "./use-preferences.ts";

/** Where one is told by mail: the address, whether it is confirmed and works, and how to change it. Nothing where no mail is sent. */
export function EmailSettings({ email }: { email: Email }) {
  const { labels } = useRealtime();
  const words = usePreferenceLabels();
  const { known, change, remove, isRunning, refusal } = email;
  const [draft, setDraft] = useState("");
  if (!known?.isAvailable) return null;
  const { state, email: address = "", waitingEmail, lastError } = known;
  const send = (event: FormEvent) => {
    event.preventDefault();
    change(draft).then((isTaken) => isTaken && setDraft(""));
  };
  return (
    <section>
      <h3>{words.emailTitle}</h3>
      <p>{words.emailHint}</p>
      {refusal !== undefined && <p role="alert">{labels.actionFailed(refusal)}</p>}
      <div role="status">
        {state === "none" && <p>{words.emailNone}</p>}
        {state === "confirmed" && <p>{words.emailConfirmed(address)}</p>}
        {state === "failing" && <p data-failing>{words.emailFailing(address, lastError ?? "")}</p>}
        {waitingEmail !== undefined && <p>{words.emailWaiting(waitingEmail)}</p>}
      </div>
      <form className="mrg-settings-email" onSubmit={send}>
        <label className="mrg-settings-line">
          {state === "none" ? words.emailAddress : words.emailOther}
          <input
            type="email"
            className="mrg-input"
            required
            maxLength={limits.emailCharacters}
            autoComplete="email"
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
          />
        </label>
        <button type="submit" className="mrg-button" disabled={isRunning}>
          {words.emailSend}
        </button>
      </form>
      {state !== "none" && (
        <div className="mrg-settings-email">
          {waitingEmail !== undefined && (
            <button type="button" className="mrg-button" disabled={isRunning} onClick={() => void change(waitingEmail)}>
              {words.emailAgain}
            </button>
          )}
          {state === "failing" && (
            <button type="button" className="mrg-button" disabled={isRunning} onClick={() => void change(address)}>
              {words.emailRetry}
            </button>
          )}
          <button type="button" className="mrg-button" disabled={isRunning} onClick={remove}>
            {words.emailRemove}
          </button>
        </div>
      )}
    </section>
  );
}
