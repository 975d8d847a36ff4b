"use client";
import { useRealtime } from "@mirage/react";
import Link from "next/link";
import type { ReactNode } from "react";

/** Shows documents where this server has them. */
export function DocumentsGate({ children }: { children: ReactNode }) {
  const { hasDocuments } = useRealtime();
  if (hasDocuments) return children;
  return (
    <div className="mrg-refused" role="alert">
      <h1>Documents are switched off here</h1>
      <p>Whoever runs this server can switch them on again.</p>
      <Link href="/rooms" className="button button-primary">
        Go to your rooms
      </Link>
    </div>
  );
}
