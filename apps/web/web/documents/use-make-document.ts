"use client";
import type { Realtime } from "@mirage/client";
import type { DocumentWish } from "@mirage/react";
import { useRouter } from "next/navigation";
import { useCallback } from "react";
import { documentPath } from "./document-path.ts";

/** Makes a document of messages in their room and goes there. It rejects with the reason where it is refused. */
export function useMakeDocument(realtime: Realtime | undefined): (wish: DocumentWish) => Promise<void> {
  const router = useRouter();
  return useCallback(
    async ({ roomId, messageIds, title }) => {
      if (!realtime) return;
      const { document } = await realtime.request("create_document", {
        title: title === "" ? "Untitled" : title,
        roomId,
        fromMessageIds: [...messageIds],
        nonce: crypto.randomUUID(),
      });
      router.push(documentPath(document.id));
    },
    [realtime, router],
  );
}
