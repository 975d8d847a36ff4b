"use client";
import type { Document } from "@mirage/protocol";
import { Avatar, useRealtime } from "@mirage/react";

/** The people who have it open, as far as there is room for them. */
export function EditorsNow({ document }: { document: Pick<Document, "editors"> }) {
  const { me } = useRealtime();
  const others = document.editors.filter(({ userId }) => userId !== me.userId);
  if (others.length === 0) return null;
  const names = others.map(({ username }) => username).join(", ");
  return (
    <span role="img" aria-label={`In it now: ${names}`} title={names} className="flex flex-none items-center">
      {others.slice(0, 3).map(({ userId }) => (
        <span key={userId} className="-ms-1.5 rounded-[9px] border-2 border-surface">
          <Avatar userId={userId} size={24} />
        </span>
      ))}
      {others.length > 3 && <b className="ps-1 text-[0.8125rem]">+{others.length - 3}</b>}
    </span>
  );
}
