"use client";
import type { Document } from "@mirage/protocol";
import { useNow, useRealtime } from "@mirage/react";

const dayMs = 24 * 60 * 60 * 1000;

/** When a document changed last, and by whom. */
export function LastChange({ document }: { document: Pick<Document, "updatedAt" | "updatedBy"> }) {
  const { formats } = useRealtime();
  const now = useNow(60_000);
  const at = new Date(document.updatedAt);
  const isToday = now.getTime() - at.getTime() < dayMs;
  return (
    <time dateTime={document.updatedAt} title={formats.exact(at)}>
      {document.updatedBy ? `${document.updatedBy.username}, ` : "New, "}
      {isToday ? formats.ago(at, now) : formats.day(at, now)}
    </time>
  );
}
