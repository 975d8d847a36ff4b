"use client";
import { type Realtime, startAutoAway, systemClock } from "@mirage/client";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { type Drafts, openDrafts } from "./composer/drafts.ts";
import { createTimeFormats, type TimeFormats } from "./format-time.ts";
import { englishLabels, type Labels } from "./labels.ts";

/** What every component below the provider may use. */
export interface RealtimeContext {
  realtime: Realtime;
  me: { userId: string; username: string };
  labels: Labels;
  formats: TimeFormats;
  drafts: Drafts;
  avatarUrl(userId: string): string;
  /** Folder with emojibase's `en/data.json` and `en/messages.json`. */
  emojiUrl: string;
  onMessagePerson: ((userId: string) => void) | undefined;
  onSignIn: (() => void) | undefined;
}

const Context = createContext<RealtimeContext | undefined>(undefined);

export interface RealtimeProviderProps {
  realtime: Realtime;
  /** The person this connection belongs to. */
  me: { userId: string; username: string };
  /** Words in another language; what is left out stays English. */
  labels?: Partial<Labels>;
  /** BCP 47 tag for dates and times. Default: the browser's. */
  locale?: string;
  /** Address of a person's picture. Default: `/api/avatar/:userId` of the same origin. */
  avatarUrl?: (userId: string) => string;
  /** Where emojibase's data is served from. Default: `/emoji` of the same origin. */
  emojiUrl?: string;
  /** Starts a direct conversation; without it there is no "Message" button beside people. */
  onMessagePerson?: (userId: string) => void;
  /** Leads to the sign-in when the session has ended; without it there is no such button. */
  onSignIn?: () => void;
  children: ReactNode;
}

/**
 * Gives the components and hooks below it one realtime connection.
 *
 * @example
 * ```tsx
 * const realtime = createRealtime({ getToken });
 * <RealtimeProvider realtime={realtime} me={me}><LiveChat roomId="general" /></RealtimeProvider>
 * ```
 */
export function RealtimeProvider(props: RealtimeProviderProps) {
  const { realtime, me, labels, locale, avatarUrl, emojiUrl = "/emoji", onMessagePerson, onSignIn, children } = props;
  const drafts = useDrafts(me.userId);
  useEffect(() => {
    const setAway = (isAway: boolean) => realtime.presence.setAway(isAway);
    return startAutoAway({ target: window, clock: systemClock, setAway });
  }, [realtime]);
  const value = useMemo((): RealtimeContext => {
    const words = { ...englishLabels, ...labels };
    return {
      realtime,
      me,
      labels: words,
      formats: createTimeFormats(words, { locale }),
      drafts,
      avatarUrl: avatarUrl ?? ((userId) => `/api/avatar/${encodeURIComponent(userId)}`),
      emojiUrl,
      onMessagePerson,
      onSignIn,
    };
  }, [realtime, me, labels, locale, drafts, avatarUrl, emojiUrl, onMessagePerson, onSignIn]);
  return <Context value={value}>{children}</Context>;
}

/**
 * The provider's context.
 * @throws Error outside of a `RealtimeProvider`.
 */
export function useRealtime(): RealtimeContext {
  const context = useContext(Context);
  if (!context) throw new Error("unable to find a realtime connection; put a RealtimeProvider around this component");
  return context;
}

function useDrafts(userId: string): Drafts {
  const drafts = useMemo(() => {
    const storage = typeof window === "undefined" ? undefined : findStorage();
    const later = (work: () => void, delayMs: number) => {
      const timer = setTimeout(work, delayMs);
      return () => clearTimeout(timer);
    };
    return openDrafts({ storage, userId, later });
  }, [userId]);
  useEffect(() => {
    const flush = () => drafts.flush();
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [drafts]);
  return drafts;
}

// Reading `localStorage` itself throws where the browser forbids storage.
function findStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
