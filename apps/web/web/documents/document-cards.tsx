"use client";
import type { Message } from "@mirage/protocol";
import { lazyPart } from "@mirage/react";
import { Suspense } from "react";
import { documentsOf } from "./document-path.ts";

const Card = lazyPart(() => import("./document-card.tsx").then((module) => module.DocumentCard));

/** The documents that a message is about, each as a card. */
export function DocumentCards({ message }: { message: Message }) {
  const documentIds = documentsOf(message, window.location.origin);
  if (documentIds.length === 0) return null;
  return (
    <Suspense>
      {documentIds.map((documentId) => (
        <Card key={documentId} documentId={documentId} />
      ))}
    </Suspense>
  );
}
