"use client";
import { RotateCcw, X } from "lucide-react";
import { useObjectUrl } from "../../files/use-object-url.ts";
import { IconButton } from "../../icon-button.tsx";
import { useRealtime } from "../../provider.tsx";
import type { ImageUploads, RunningImage } from "./use-image-uploads.ts";

/** Pictures on their way into the text: each with how far it is, a way to give it up and to try again. */
export function ImageTray({ uploads }: { uploads: ImageUploads }) {
  const { labels } = useRealtime();
  if (uploads.items.length === 0) return null;
  return (
    <ul className="mrg-tray mrg-doc-tray" aria-label={labels.attached}>
      {uploads.items.map((item) => (
        <TrayItem key={item.id} item={item} uploads={uploads} />
      ))}
    </ul>
  );
}

function TrayItem({ item, uploads }: { item: RunningImage; uploads: ImageUploads }) {
  const { labels } = useRealtime();
  const { file, progress, failure } = item;
  const preview = useObjectUrl(file);
  return (
    <li className="mrg-tray-item">
      <span className="mrg-tray-picture" aria-hidden>
        {preview && <img src={preview} alt="" />}
      </span>
      <span className="mrg-tray-facts">
        <span className="mrg-tray-name" dir="auto" title={file.name}>
          {file.name}
        </span>
        {failure === undefined ? (
          <progress className="mrg-upload-bar" value={progress} aria-label={labels.uploading(file.name)} />
        ) : (
          <span className="mrg-upload-failed" role="alert">
            {labels.uploadFailed}: {failure}{" "}
            <button type="button" className="mrg-link-button" onClick={() => uploads.retry(item)}>
              <RotateCcw size={13} aria-hidden /> {labels.retry}
            </button>
          </span>
        )}
      </span>
      <IconButton label={labels.removeFile(file.name)} onClick={() => uploads.remove(item)}>
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  );
}
