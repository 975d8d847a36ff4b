"use client";
import { type Realtime, startAutoAway, systemClock } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { type ComponentType, createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { type Drafts, openDrafts } from "./composer/drafts.ts";
import { createTimeFormats, type TimeFormats } from "./format-time.ts";
import { englishLabels, type Labels } from "./labels.ts";
import { OutdatedNotice } from "./outdated-notice.tsx";

/** A document to be made of messages of one room. */
export interface DocumentWish {
  roomId: string;
  /** In any order. */
  messageIds: readonly string[];
  /** The first words of the first message, or nothing. */
  title: string;
}

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
  hasNotifications: boolean;
  pushWorkerUrl: string | undefined;
  hasDocuments: boolean;
  MessageCards: ComponentType<{ message: Message }> | undefined;
  messageUrl: ((message: Message) => string) | undefined;
  onMessagePerson: ((userId: string) => void) | undefined;
  onMakeDocument: ((wish: DocumentWish) => Promise<void>) | undefined;
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
  /** Whether this server has notifications switched on; without them nothing of them is offered. Default: true. */
  hasNotifications?: boolean;
  /** Address of the service worker that shows pushes, on this origin; without it web push is not offered. */
  pushWorkerUrl?: string;
  /** Whether the app around it shows documents. Default: false. */
  hasDocuments?: boolean;
  /** Shown below the text of each message, for instance what it links to. */
  messageCards?: ComponentType<{ message: Message }> | undefined;
  /** The whole address at which the app around it shows a message; without it none is offered for copying. */
  messageUrl?: (message: Message) => string;
  /** Starts a direct conversation; without it there is no "Message" button beside people. */
  onMessagePerson?: (userId: string) => void;
  /** Makes a document of messages; without it none is offered. What it rejects with is shown. */
  onMakeDocument?: ((wish: DocumentWish) => Promise<void>) | undefined;
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
  const { realtime, me, labels, locale, avatarUrl, emojiUrl = "/emoji", hasNotifications = true } = props;
  const {
    pushWorkerUrl,
    hasDocuments = false,
    messageCards,
    messageUrl,
    onMakeDocument,
    onMessagePerson,
    onSignIn,
    children,
  } = props;
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
      hasNotifications,
      pushWorkerUrl,
      hasDocuments,
      MessageCards: messageCards,
      messageUrl,
      onMessagePerson,
      onMakeDocument,
      onSignIn,
    };
  }, [
    realtime,
    me,
    labels,
    locale,
    drafts,
    avatarUrl,
    emojiUrl,
    hasNotifications,
    pushWorkerUrl,
    hasDocuments,
    messageCards,
    messageUrl,
    onMessagePerson,
    onMakeDocument,
    onSignIn,
  ]);
  return (
    <Context value={value}>
      {children}
      <OutdatedNotice labels={value.labels} />
    </Context>
  );
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
