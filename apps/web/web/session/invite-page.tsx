"use client";
import Link from "next/link";
import { type FormEvent, useEffect, useState } from "react";
import { FullPage } from "../shell/full-page.tsx";
import { findToken, signInAsGuest } from "./auth-api.ts";
import { Unreachable } from "./entrance.tsx";
import { useAttempt } from "./sign-in-page.tsx";
import { useSession } from "./use-session.ts";

/** An invite link: who is signed in goes straight in, anyone else with a name or an account. */
export function InvitePage({ code }: { code: string }) {
  const session = useSession();
  if (session.status === "failed") return <Unreachable message={session.message} onRetry={session.retry} />;
  if (session.status === "loading") return <main aria-busy="true" />;
  if (!session.config.hasChat) return <FullPage title="Chat is switched off here" />;
  return session.user ? <Accept code={code} /> : <Introduce code={code} />;
}

function Introduce({ code }: { code: string }) {
  const here = `/invite/${encodeURIComponent(code)}`;
  const { error, isBusy, attempt } = useAttempt();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    attempt(() => signInAsGuest(name).then(() => here));
  };
  return (
    <FullPage title="You are invited" text="Say who you are and join the conversation. No account needed.">
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <label className="flex flex-col gap-1 text-sm font-semibold">
          Your name
          <input
            className="field font-normal"
            name="name"
            autoComplete="nickname"
            maxLength={30}
            placeholder="Or leave it to us"
          />
        </label>
        {error !== undefined && (
          <p role="alert" className="rounded-xl bg-danger-soft px-3.5 py-2.5 text-sm text-danger">
            {error}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={isBusy}>
          Join as guest
        </button>
      </form>
      <Link className="button" href={`/sign-in?next=${encodeURIComponent(here)}`}>
        Sign in instead
      </Link>
    </FullPage>
  );
}

function Accept({ code }: { code: string }) {
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    acceptInvite(code).then(
      (roomId) => window.location.replace(`/rooms/${encodeURIComponent(roomId)}`),
      (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
    );
  }, [code]);
  if (failure === undefined) return <main aria-busy="true" />;
  return (
    <FullPage title="This invitation does not work" text={failure}>
      <Link className="button button-primary" href="/rooms">
        Go to your rooms
      </Link>
    </FullPage>
  );
}

async function acceptInvite(code: string): Promise<string> {
  const token = await findToken();
  const response = await fetch("/api/v1/commands/accept_invite", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token ?? ""}` },
    body: JSON.stringify({ code }),
  });
  const body: { room?: { id: string } } | null = await response.json().catch(() => null);
  if (response.ok && body?.room) return body.room.id;
  if (response.status === 404) throw new Error("It has expired or was used up. Ask for a new one.");
  if (response.status === 409) throw new Error("The room it leads to is archived.");
  throw new Error("The server could not be reached. Open the link again in a moment.");
}
