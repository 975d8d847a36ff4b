"use client";
import type { Failure } from "@mirage/client";
import { DoorClosed } from "lucide-react";
import type { ReactNode } from "react";
import { useRealtime } from "../provider.tsx";

/** Shown instead of a room that may not be seen or could not be opened. */
export function RoomRefused({ refusal, action }: { refusal: Failure | undefined; action: ReactNode }) {
  const { labels } = useRealtime();
  const isHidden = refusal === undefined || refusal.code === "not_found" || refusal.code === "forbidden";
  return (
    <div className="mrg-refused" role="alert">
      <DoorClosed size={40} aria-hidden />
      <h1>{isHidden ? labels.noAccessTitle : labels.roomFailedTitle}</h1>
      <p>{isHidden ? labels.noAccessText : refusal.message}</p>
      {action}
    </div>
  );
}
