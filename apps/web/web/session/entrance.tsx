"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { FullPage } from "../shell/full-page.tsx";
import { useSession } from "./use-session.ts";

/** The front door: leads on to the rooms, or to the sign-in. */
export function Entrance() {
  const router = useRouter();
  const session = useSession();
  useEffect(() => {
    if (session.status === "ready") router.replace(session.user ? "/rooms" : "/sign-in");
  }, [session, router]);
  if (session.status !== "failed") return <main aria-busy="true" />;
  return <Unreachable message={session.message} onRetry={session.retry} />;
}

/** The server does not answer: one way on. */
export function Unreachable({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <FullPage title="No answer" text={message}>
      <button type="button" className="button button-primary" onClick={onRetry}>
        Try again
      </button>
    </FullPage>
  );
}
