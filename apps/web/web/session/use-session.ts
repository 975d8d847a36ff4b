"use client";
import { useCallback, useEffect, useState } from "react";
import { type AppConfig, getAppConfig } from "./app-config.ts";
import { findSession, type SessionUser } from "./auth-api.ts";

export type SessionState =
  | { status: "loading" }
  | { status: "failed"; message: string; retry: () => void }
  | { status: "ready"; user: SessionUser | undefined; config: AppConfig };

/** Who is signed in, and what the server offers. */
export function useSession(): SessionState {
  const [state, setState] = useState<SessionState>({ status: "loading" });
  const load = useCallback(() => {
    setState({ status: "loading" });
    Promise.all([findSession(), getAppConfig()]).then(
      ([user, config]) => setState({ status: "ready", user, config }),
      (error: unknown) =>
        setState({ status: "failed", message: error instanceof Error ? error.message : String(error), retry: load }),
    );
  }, []);
  useEffect(load, [load]);
  return state;
}
