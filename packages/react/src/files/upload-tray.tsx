"use client";
import type { DraftAttachment, Upload } from "@mirage/client";
import { FileText, RotateCcw, X } from "lucide-react";
import { useStore } from "../hooks/use-store.ts";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { formatSize } from "./format-size.ts";
import type { Attachments } from "./use-attachments.ts";
import { useObjectUrl } from "./use-object-url.ts";

/** What is about to be sent: each with how far it is, a way to describe it, to take it away and to try again. */
export function UploadTray({ attachments }: { attachments: Attachments }) {
  const { labels } = useRealtime();
  return (
    <ul className="mrg-tray" aria-label={labels.attached}>
      {attachments.items.map((item) => (
        <TrayItem key={item.upload.id} item={item} attachments={attachments} />
      ))}
    </ul>
  );
}

function TrayItem({ item, attachments }: { item: DraftAttachment; attachments: Attachments }) {
  const { labels } = useRealtime();
  const { upload } = item;
  const isPicture = upload.blob.type.startsWith("image/");
  const preview = useObjectUrl(isPicture ? upload.blob : undefined);
  return (
    <li className="mrg-tray-item">
      <span className="mrg-tray-picture" aria-hidden>
        {preview ? <img src={preview} alt="" /> : <FileText size={20} />}
      </span>
      <span className="mrg-tray-facts">
        <span className="mrg-tray-name" dir="auto" title={upload.name}>
          {upload.name}
        </span>
        <UploadLine upload={upload} />
        {isPicture && (
          <input
            className="mrg-input mrg-tray-alt"
            value={item.alt ?? ""}
            maxLength={1_000}
            placeholder={labels.describePicture}
            aria-label={labels.describe(upload.name)}
            onChange={(event) => attachments.describe(upload, event.target.value)}
          />
        )}
      </span>
      <IconButton label={labels.removeFile(upload.name)} onClick={() => attachments.remove(upload)}>
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  );
}

/** How far an upload is. */
export function UploadLine({ upload }: { upload: Upload }) {
  const { labels } = useRealtime();
  const state = useStore(upload.state);
  if (state.status === "failed") {
    return (
      <span className="mrg-upload-failed" role="alert">
        {labels.uploadFailed}: {state.error.message}{" "}
        <button type="button" className="mrg-link-button" onClick={() => upload.retry()}>
          <RotateCcw size={13} aria-hidden /> {labels.retry}
        </button>
      </span>
    );
  }
  if (state.status !== "uploading") return <span className="mrg-upload-size">{formatSize(upload.blob.size)}</span>;
  return <progress className="mrg-upload-bar" value={state.progress} aria-label={labels.uploading(upload.name)} />;
}
