"use client";
import type { TimelineItem } from "@mirage/client";
import { Suspense } from "react";
import { lazyPart } from "../lazy-part.ts";
import { fitBox, mostFor } from "./fit-box.ts";
import type { Attachments } from "./use-attachments.ts";

const List = lazyPart(() => import("./attachment-list.tsx").then((module) => module.AttachmentList));
const Tray = lazyPart(() => import("./upload-tray.tsx").then((module) => module.UploadTray));

/** The files of a message. Loaded with the first; until then their place is kept. */
export function MessageFiles(props: { item: TimelineItem; isTabStop: boolean; onDiscard(clientId: string): void }) {
  const { attachments = [] } = props.item.message;
  if (attachments.length === 0) return null;
  const most = mostFor(attachments.length);
  const places = attachments.map((file) => (
    <span
      key={file.id}
      className={file.width === undefined ? "mrg-file" : "mrg-picture"}
      style={file.width === undefined ? undefined : fitBox(file, most)}
    />
  ));
  return (
    <Suspense fallback={<div className="mrg-files">{places}</div>}>
      <List {...props} />
    </Suspense>
  );
}

/** What is about to be sent. Loaded with the first. */
export function UploadTray({ attachments }: { attachments: Attachments }) {
  if (attachments.items.length === 0) return null;
  return (
    <Suspense>
      <Tray attachments={attachments} />
    </Suspense>
  );
}
