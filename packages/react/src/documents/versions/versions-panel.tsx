"use client";
import type { Document, DocumentVersion } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { IconButton } from "../../icon-button.tsx";
import { useRealtime } from "../../provider.tsx";
import { useDocumentLabels } from "../use-document-labels.ts";
import { RestoreDialog } from "./restore-dialog.tsx";
import { useVersions } from "./use-versions.ts";

/** The version whose text is shown in place of the present one. */
export type ShownVersion = DocumentVersion;

interface PanelProps {
  document: Document;
  canEdit: boolean;
  shown: ShownVersion | undefined;
  onShow(version: ShownVersion | undefined): void;
  onClose(): void;
  onError(error: unknown): void;
}

/** The versions that were kept, by day: each can be looked at, and made the present one. */
export function VersionsPanel({ document, canEdit, shown, onShow, onClose, onError }: PanelProps) {
  const words = useDocumentLabels();
  const { labels, formats, realtime } = useRealtime();
  const { versions, loadMore, add, reload } = useVersions(document.id, onError);
  const [asked, setAsked] = useState<DocumentVersion>();
  const now = new Date();
  const restore = async ({ id }: DocumentVersion) => {
    try {
      await realtime.request("restore_version", { documentId: document.id, versionId: id });
      onShow(undefined);
      reload();
    } catch (error) {
      onError(error);
    }
  };
  return (
    <aside className="mrg-people mrg-doc-panel" aria-label={words.versions}>
      <header className="mrg-people-head">
        <h2>{words.versions}</h2>
        <IconButton label={labels.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      {canEdit && <NameForm documentId={document.id} onAdded={add} onError={onError} />}
      <div className="mrg-people-list" aria-busy={versions === undefined}>
        {versions?.length === 0 && <p className="mrg-doc-empty">{words.noVersions}</p>}
        {byDay(versions ?? [], (at) => formats.day(at, now)).map(([day, ofDay]) => (
          <section key={day}>
            <h3>{day}</h3>
            <ul>
              {ofDay.map((version) => (
                <li key={version.id} className="mrg-doc-version" data-shown={version.id === shown?.id || undefined}>
                  <button type="button" aria-pressed={version.id === shown?.id} onClick={() => onShow(version)}>
                    <b dir="auto">{version.name ?? words.automatic}</b>
                    <span>
                      <time dateTime={version.at}>{formats.time(new Date(version.at))}</time>{" "}
                      {words.byPerson(version.username)}
                    </span>
                  </button>
                  {canEdit && (
                    <button type="button" className="mrg-button" onClick={() => setAsked(version)}>
                      {words.restore}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          </section>
        ))}
        {loadMore && (
          <button type="button" className="mrg-button" onClick={loadMore}>
            {words.more}
          </button>
        )}
      </div>
      <RestoreDialog version={asked} onConfirm={restore} onClose={() => setAsked(undefined)} />
    </aside>
  );
}

interface NameFormProps {
  documentId: string;
  onAdded(version: DocumentVersion): void;
  onError(error: unknown): void;
}

function NameForm({ documentId, onAdded, onError }: NameFormProps) {
  const words = useDocumentLabels();
  const { labels, realtime } = useRealtime();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get("name") ?? "").trim();
    if (name === "") return;
    try {
      onAdded((await realtime.request("create_version", { documentId, name })).version);
      form.reset();
    } catch (error) {
      onError(error);
    }
  };
  return (
    <form className="mrg-doc-name-version" onSubmit={(event) => void submit(event)}>
      <input
        name="name"
        className="mrg-input"
        dir="auto"
        required
        maxLength={limits.versionNameCodePoints}
        aria-label={words.versionName}
        placeholder={words.nameVersion}
      />
      <button type="submit" className="mrg-button">
        {labels.save}
      </button>
    </form>
  );
}

function byDay(versions: readonly DocumentVersion[], dayOf: (at: Date) => string): [string, DocumentVersion[]][] {
  const days = new Map<string, DocumentVersion[]>();
  for (const version of versions) {
    const day = dayOf(new Date(version.at));
    days.set(day, [...(days.get(day) ?? []), version]);
  }
  return [...days];
}
