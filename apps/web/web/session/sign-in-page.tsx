"use client";
import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FullPage } from "../shell/full-page.tsx";
import { signIn, signInAsGuest, signUp, startDiscord } from "./auth-api.ts";
import { Unreachable } from "./entrance.tsx";
import { defaultPath, safeNextPath } from "./next-path.ts";
import { useSession } from "./use-session.ts";

/** Sign in with a name and a password, make an account, or go in as a guest with one click. */
export function SignInPage() {
  const next = safeNextPath(useSearchParams().get("next"));
  // Who is new has no rooms yet: the one that every instance begins with is open to all.
  const welcome = next === defaultPath ? "/rooms/general" : next;
  const session = useSession();
  const { error, isBusy, attempt } = useAttempt();
  const [kind, setKind] = useState<"in" | "up">("in");

  if (session.status === "failed") return <Unreachable message={session.message} onRetry={session.retry} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const username = String(form.get("username") ?? "").trim();
    const password = String(form.get("password") ?? "");
    if (kind === "in") attempt(() => signIn(username, password).then(() => next));
    else attempt(() => signUp(username, password).then(() => welcome));
  };
  return (
    <FullPage title={kind === "in" ? "Welcome" : "Make an account"} text="Pick up the conversation in a moment.">
      <button
        type="button"
        className="button button-primary"
        disabled={isBusy}
        onClick={() => attempt(() => signInAsGuest("").then(() => welcome))}
      >
        Continue as guest
      </button>
      {session.status === "ready" && session.config.hasDiscord && (
        <button type="button" className="button" disabled={isBusy} onClick={() => attempt(() => startDiscord(next))}>
          Continue with Discord
        </button>
      )}
      <p className="flex items-center gap-3 text-sm text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or with an account
      </p>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <label className="flex flex-col gap-1 text-sm font-semibold">
          Username
          <input
            className="field font-normal"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            minLength={2}
            maxLength={30}
            required
          />
          {kind === "up" && <span className="font-normal text-ink-faint">Letters and digits, with . _ - inside</span>}
        </label>
        <label className="flex flex-col gap-1 text-sm font-semibold">
          Password
          <input
            className="field font-normal"
            name="password"
            type="password"
            autoComplete={kind === "in" ? "current-password" : "new-password"}
            minLength={8}
            maxLength={128}
            required
          />
          {kind === "up" && <span className="font-normal text-ink-faint">At least 8 characters</span>}
        </label>
        {error !== undefined && (
          <p role="alert" className="rounded-xl bg-danger-soft px-3.5 py-2.5 text-sm text-danger">
            {error}
          </p>
        )}
        <button type="submit" className="button" disabled={isBusy}>
          {kind === "in" ? "Sign in" : "Create account"}
        </button>
      </form>
      <button
        type="button"
        className="min-h-11 text-sm font-semibold text-accent underline underline-offset-4"
        onClick={() => setKind(kind === "in" ? "up" : "in")}
      >
        {kind === "in" ? "New here? Make an account" : "I have an account"}
      </button>
    </FullPage>
  );
}

/** Runs an attempt that answers where to go, and goes there. */
export function useAttempt() {
  const [error, setError] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const attempt = (run: () => Promise<string>) => {
    setIsBusy(true);
    setError(undefined);
    run().then(
      // A whole page load: nothing of who was here before stays in memory.
      (address) => window.location.assign(address),
      (cause: unknown) => {
        setIsBusy(false);
        setError(cause instanceof Error ? cause.message : String(cause));
      },
    );
  };
  return { error, isBusy, attempt };
}
