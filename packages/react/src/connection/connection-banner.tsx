"use client";
import type { ConnectionState, RefusalReason } from "@mirage/client";
import { CloudOff, Lock } from "lucide-react";
import { useEffect, useState } from "react";
import { useConnection } from "../hooks/use-connection.ts";
import type { Labels } from "../labels.ts";
import { useRealtime } from "../provider.tsx";

/** Shorter losses are not worth a word. */
const silentMs = 3_000;

const endedReasons: readonly RefusalReason[] = [
  "token_required",
  "token_invalid",
  "unauthenticated",
  "user_changed",
  "user_not_found",
];

/** One line that says so when there is no connection: what happens to unsent messages, and when it tries again. */
export function ConnectionBanner({ pendingCount }: { pendingCount: number }) {
  const { realtime, labels, onSignIn } = useRealtime();
  const connection = useConnection();
  const isShown = useIsLost(connection);
  const secondsLeft = useSecondsUntil(isShown ? connection.retryAt : undefined);
  if (connection.status === "refused") {
    const isEnded = connection.reason !== undefined && endedReasons.includes(connection.reason);
    return (
      <div className="mrg-banner mrg-banner-error" role="alert">
        <Lock size={16} aria-hidden />
        <span>{isEnded ? labels.sessionEnded : `${labels.refused}: ${refusalText(connection.reason, labels)}`}</span>
        {isEnded && onSignIn ? (
          <button type="button" onClick={onSignIn}>
            {labels.signInAgain}
          </button>
        ) : (
          <button type="button" onClick={() => realtime.reconnectNow()}>
            {labels.tryNow}
          </button>
        )}
      </div>
    );
  }
  if (!isShown) return null;
  return (
    <div className="mrg-banner">
      <CloudOff size={16} aria-hidden />
      <span>
        <span role="status">
          {labels.offline}
          {pendingCount > 0 && ` – ${labels.willBeSent(pendingCount)}`}
        </span>
        {connection.status === "connecting" && ` · ${labels.reconnecting}`}
        {secondsLeft !== undefined && ` · ${labels.retryIn(secondsLeft)}`}
      </span>
      <button type="button" onClick={() => realtime.reconnectNow()}>
        {labels.tryNow}
      </button>
    </div>
  );
}

function refusalText(reason: RefusalReason | undefined, labels: Labels): string {
  if (reason === "user_banned") return labels.suspended;
  if (reason === "connection_limit") return labels.tooManyConnections;
  return reason ?? labels.tryNow;
}

/** Whether there has been no connection for long enough to say so. */
function useIsLost(connection: ConnectionState): boolean {
  const isAway = connection.status !== "online" && connection.status !== "closed" && connection.status !== "idle";
  const [isLost, setIsLost] = useState(false);
  useEffect(() => {
    if (!isAway) {
      setIsLost(false);
      return;
    }
    const timer = setTimeout(() => setIsLost(true), silentMs);
    return () => clearTimeout(timer);
  }, [isAway]);
  return isLost && isAway;
}

function useSecondsUntil(at: number | undefined): number | undefined {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [at]);
  return at === undefined ? undefined : Math.max(0, Math.ceil((at - now) / 1_000));
}
