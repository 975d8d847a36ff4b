"use client";
import type { TimelineItem } from "@mirage/client";
import type { Attachment } from "@mirage/protocol";
import { Download, FileText, X } from "lucide-react";
import { Suspense, useRef, useState } from "react";
import { IconButton } from "../icon-button.tsx";
import { lazyPart } from "../lazy-part.ts";
import { useRealtime } from "../provider.tsx";
import { fitBox, mostFor } from "./fit-box.ts";
import { formatSize } from "./format-size.ts";
import { isPicture } from "./is-picture.ts";
import { UploadLine } from "./upload-tray.tsx";
import { useFileUrl } from "./use-file-url.ts";
import { useObjectUrl } from "./use-object-url.ts";

const Lightbox = lazyPart(() => import("./lightbox.tsx").then((module) => module.Lightbox));

interface ListProps {
  item: TimelineItem;
  isTabStop: boolean;
  onDiscard(clientId: string): void;
}

/** The files of a message: pictures in a place that is kept for them, all others as rows. */
export function AttachmentList({ item, isTabStop, onDiscard }: ListProps) {
  const { labels } = useRealtime();
  const { attachments = [], roomId } = item.message;
  const [shownId, setShownId] = useState<string>();
  const opener = useRef<HTMLElement>(null);
  const isSent = item.state === "sent";
  const most = mostFor(attachments.length);
  const show = (fileId: string, button: HTMLElement) => {
    opener.current = button;
    setShownId(fileId);
  };
  return (
    <div className="mrg-files">
      {attachments.map((file) => {
        const common = { file, isSent, isTabStop };
        return isPicture(file) ? (
          <Picture key={file.id} {...common} box={fitBox(file, most)} onShow={show} />
        ) : (
          <FileRow key={file.id} {...common} />
        );
      })}
      {item.state === "pending" && (
        <IconButton
          label={labels.cancelUpload}
          className="mrg-files-cancel"
          tabIndex={isTabStop ? 0 : -1}
          onClick={() => onDiscard(item.key)}
        >
          <X size={16} aria-hidden />
        </IconButton>
      )}
      {shownId !== undefined && (
        <Suspense>
          <Lightbox
            roomId={roomId}
            fileId={shownId}
            onClose={() => setShownId(undefined)}
            onClosed={() => opener.current?.focus()}
          />
        </Suspense>
      )}
    </div>
  );
}

interface FileProps {
  file: Attachment;
  isSent: boolean;
  isTabStop: boolean;
}

function Picture({
  file,
  isSent,
  isTabStop,
  box,
  onShow,
}: FileProps & { box: { width: number; height: number }; onShow(fileId: string, button: HTMLElement): void }) {
  const { realtime, labels } = useRealtime();
  const upload = isSent ? undefined : realtime.files.find(file.id);
  const local = useObjectUrl(upload?.blob);
  const { url, fail } = useFileUrl(isSent ? file.id : undefined);
  // Small ones of what moves would do, but a still one is not mistaken for them.
  const source = local ?? (box.width > 320 || box.height > 320 ? url?.previewUrl : url?.thumbnailUrl) ?? url?.url;
  const style = { width: box.width, aspectRatio: `${box.width} / ${box.height}` };
  const picture = source ? <img src={source} alt={file.alt ?? ""} onError={fail} draggable={false} /> : null;
  if (!isSent) {
    return (
      <span className="mrg-picture" style={style} data-pending>
        {picture}
        {upload && <UploadLine upload={upload} />}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="mrg-picture"
      style={style}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={labels.openPicture(file.alt ?? file.name)}
      onClick={(event) => onShow(file.id, event.currentTarget)}
    >
      {picture}
    </button>
  );
}

function FileRow({ file, isSent, isTabStop }: FileProps) {
  const { realtime, labels } = useRealtime();
  const upload = isSent ? undefined : realtime.files.find(file.id);
  const { url } = useFileUrl(isSent ? file.id : undefined);
  return (
    <span className="mrg-file">
      <FileText size={22} aria-hidden />
      <span className="mrg-file-facts">
        <span className="mrg-file-name" dir="auto">
          {file.name}
        </span>
        {upload ? <UploadLine upload={upload} /> : <span className="mrg-upload-size">{formatSize(file.size)}</span>}
      </span>
      {url && (
        <a
          className="mrg-icon-button"
          href={url.url}
          download={file.name}
          tabIndex={isTabStop ? 0 : -1}
          aria-label={labels.download(file.name)}
          title={labels.download(file.name)}
        >
          <Download size={18} aria-hidden />
        </a>
      )}
    </span>
  );
}
