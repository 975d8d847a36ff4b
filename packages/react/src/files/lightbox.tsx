"use client";
import type { Attachment } from "@mirage/protocol";
import { ChevronLeft, ChevronRight, Download, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useState } from "react";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { isPicture } from "./is-picture.ts";
import { useFileUrl } from "./use-file-url.ts";

interface LightboxProps {
  roomId: string;
  /** The picture to begin with. */
  fileId: string;
  onClose(): void;
  /** Takes the focus back. */
  onClosed(): void;
}

/** The room's loaded pictures, large, one at a time: arrows go on, Escape goes back. */
export function Lightbox({ roomId, fileId, onClose, onClosed }: LightboxProps) {
  const { realtime, labels } = useRealtime();
  // What comes while one looks moves nothing.
  const [pictures] = useState(() => listPictures(realtime.room(roomId).state.get().items));
  const [index, setIndex] = useState(() =>
    Math.max(
      0,
      pictures.findIndex(({ id }) => id === fileId),
    ),
  );
  const picture = pictures[index];
  const { url, fail } = useFileUrl(picture?.id);
  const isOurs = url?.fileId === picture?.id;
  const go = (by: number) => setIndex((at) => Math.min(pictures.length - 1, Math.max(0, at + by)));
  const onKeyDown = (event: KeyboardEvent) => {
    const back = getComputedStyle(event.currentTarget).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") go(event.key === back ? -1 : 1);
  };
  if (!picture) return null;
  const shown = isOurs ? (url?.previewUrl && picture.type !== "image/gif" ? url.previewUrl : url?.url) : undefined;
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="mrg-overlay mrg-layer" />
        <Dialog.Content
          className="mrg-lightbox mrg-layer"
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <header className="mrg-lightbox-head">
            <Dialog.Title className="mrg-lightbox-title" dir="auto">
              {picture.name}
            </Dialog.Title>
            <span className="mrg-lightbox-count">{labels.pictureOf(index + 1, pictures.length)}</span>
            {isOurs && url && (
              <a
                className="mrg-icon-button"
                href={url.url}
                download={picture.name}
                aria-label={labels.download(picture.name)}
                title={labels.download(picture.name)}
              >
                <Download size={20} aria-hidden />
              </a>
            )}
            <Dialog.Close asChild>
              <IconButton label={labels.close}>
                <X size={20} aria-hidden />
              </IconButton>
            </Dialog.Close>
          </header>
          <div className="mrg-lightbox-stage">
            {shown && <img key={picture.id} src={shown} alt={picture.alt ?? picture.name} onError={fail} />}
          </div>
          <Step label={labels.previousPicture} side="start" isOff={index === 0} onStep={() => go(-1)} />
          <Step label={labels.nextPicture} side="end" isOff={index === pictures.length - 1} onStep={() => go(1)} />
          {picture.alt && (
            <p className="mrg-lightbox-alt" dir="auto">
              {picture.alt}
            </p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Step(props: { label: string; side: "start" | "end"; isOff: boolean; onStep(): void }) {
  const Icon = props.side === "start" ? ChevronLeft : ChevronRight;
  return (
    <IconButton
      label={props.label}
      className="mrg-lightbox-step"
      data-side={props.side}
      aria-disabled={props.isOff}
      onClick={props.onStep}
    >
      <Icon size={26} aria-hidden />
    </IconButton>
  );
}

function listPictures(
  items: readonly { state: string; message: { attachments?: Attachment[] | undefined } }[],
): Attachment[] {
  return items.flatMap(({ state, message }) => (state === "sent" ? (message.attachments ?? []).filter(isPicture) : []));
}
