"use client";
import { type Channel, type ChannelTable, channels, type Trigger, triggers } from "@mirage/protocol";
import { useEffect, useState } from "react";
import { useRealtime } from "../provider.tsx";
import { EmailSettings } from "./email-settings.tsx";
import { KeywordSettings } from "./keyword-settings.tsx";
import { PushSettings } from "./push-settings.tsx";
import { QuietSettings } from "./quiet-settings.tsx";
import { useEmail } from "./use-email.ts";
import { usePreferenceLabels, usePreferences } from "./use-preferences.ts";

/** How one wants to be told: the table of triggers and channels, this browser's permission, and when not at all. */
export function NotificationSettings() {
  const { labels } = useRealtime();
  const words = usePreferenceLabels();
  const { preferences, error, retry, change, refusal } = usePreferences();
  const email = useEmail();
  // Channels through which this server reaches nobody.
  const notSetUp: readonly Channel[] = email.known?.isAvailable === false ? ["email"] : [];
  if (!preferences) {
    return (
      <div className="mrg-notes-empty" role={error === undefined ? "status" : "alert"}>
        <p>{error ?? labels.loading}</p>
        {error !== undefined && (
          <button type="button" className="mrg-button" onClick={retry}>
            {labels.tryAgain}
          </button>
        )}
      </div>
    );
  }
  return (
    <div className="mrg-settings">
      {refusal !== undefined && <p role="alert">{labels.actionFailed(refusal)}</p>}
      <section>
        <h3>{words.tableTitle}</h3>
        <Table table={preferences.channels} notSetUp={notSetUp} onChange={(channels) => change({ channels })} />
        <p>{words.messagesHint}</p>
        {notSetUp.length > 0 && <p>{words.notSetUp}</p>}
      </section>
      <KeywordSettings words={preferences.keywords} onChange={(keywords) => change({ keywords })} />
      <PushSettings />
      <EmailSettings email={email} />
      <DesktopPermission />
      <QuietSettings value={preferences.doNotDisturb} onChange={(doNotDisturb) => change({ doNotDisturb })} />
    </div>
  );
}

interface TableProps {
  table: ChannelTable;
  notSetUp: readonly Channel[];
  onChange(change: Partial<Record<Trigger, Partial<Record<Channel, boolean>>>>): void;
}

function Table({ table, notSetUp, onChange }: TableProps) {
  const words = usePreferenceLabels();
  return (
    <table className="mrg-settings-table">
      <thead>
        <tr>
          <th scope="col">{words.trigger}</th>
          {channels.map((channel) => (
            <th key={channel} scope="col">
              {words.channels[channel]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {triggers.map((trigger) => (
          <tr key={trigger}>
            <th scope="row">{words.triggers[trigger]}</th>
            {channels.map((channel) => (
              <td key={channel}>
                <label>
                  <input
                    type="checkbox"
                    aria-label={words.cell(words.triggers[trigger], words.channels[channel])}
                    checked={table[trigger][channel]}
                    disabled={notSetUp.includes(channel) || (channel !== "inApp" && !table[trigger].inApp)}
                    onChange={(event) => onChange({ [trigger]: { [channel]: event.target.checked } })}
                  />
                </label>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Asks the browser only after it was said what for, and pressed. */
function DesktopPermission() {
  const words = usePreferenceLabels();
  const [permission, setPermission] = useState(readPermission);
  // Turning push on asks for the same.
  useEffect(() => {
    const query = navigator.permissions?.query({ name: "notifications" });
    const read = () => setPermission(readPermission());
    query?.then((status) => status.addEventListener("change", read)).catch(() => undefined);
    return () => void query?.then((status) => status.removeEventListener("change", read)).catch(() => undefined);
  }, []);
  const texts = {
    default: words.desktopAsk,
    granted: words.desktopAllowed,
    denied: words.desktopDenied,
    missing: words.desktopMissing,
  };
  const ask = async () => setPermission(await window.Notification.requestPermission());
  return (
    <section>
      <h3>{words.desktopTitle}</h3>
      <p>{texts[permission]}</p>
      {permission === "default" && (
        <button type="button" className="mrg-button" onClick={() => void ask()}>
          {words.desktopAllow}
        </button>
      )}
    </section>
  );
}

function readPermission(): NotificationPermission | "missing" {
  return typeof window.Notification === "undefined" ? "missing" : window.Notification.permission;
}
