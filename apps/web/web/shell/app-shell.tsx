"use client";
import type { Realtime } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { RealtimeProvider } from "@mirage/react";
import { useParams, usePathname, useRouter } from "next/navigation";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { DocumentCards } from "../documents/document-cards.tsx";
import { useMakeDocument } from "../documents/use-make-document.ts";
import { TabSigns } from "../notifications/tab-signs.tsx";
import { messagePath, roomPath } from "../rooms/room-path.ts";
import type { AppConfig } from "../session/app-config.ts";
import type { SessionUser } from "../session/auth-api.ts";
import { createAppRealtime } from "../session/create-app-realtime.ts";
import { Unreachable } from "../session/entrance.tsx";
import { useSession } from "../session/use-session.ts";
import { DrawerProvider } from "./drawer.tsx";
import { FullPage } from "./full-page.tsx";
import { SideBar } from "./side-bar.tsx";
import { useAppHeight } from "./use-app-height.ts";
import { useRegionKeys } from "./use-region-keys.ts";

/** Everything behind the sign-in: the connection, the list of rooms, and the room that is open. */
export function AppShell({ children }: { children: ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const path = usePathname();
  const isSignedOut = session.status === "ready" && session.user === undefined;
  useEffect(() => {
    if (isSignedOut) router.replace(`/sign-in?next=${encodeURIComponent(path)}`);
  }, [isSignedOut, path, router]);

  if (session.status === "failed") return <Unreachable message={session.message} onRetry={session.retry} />;
  if (session.status === "loading" || !session.user) return <main aria-busy="true" />;
  if (!session.config.hasChat) {
    return <FullPage title="Chat is switched off here" text="Whoever runs this server can switch it on again." />;
  }
  return (
    <SignedIn user={session.user} config={session.config}>
      {children}
    </SignedIn>
  );
}

function SignedIn({ user, config, children }: { user: SessionUser; config: AppConfig; children: ReactNode }) {
  const router = useRouter();
  const path = usePathname();
  const { roomId } = useParams<{ roomId?: string }>();
  const realtime = useAppRealtime(user.userId);
  useAppHeight();
  useRegionKeys();
  const messagePerson = useCallback(
    (userId: string) => {
      realtime?.request("open_direct", { userIds: [userId] }).then(
        ({ room }) => router.push(roomPath(room.id)),
        // The banner already says that there is no connection; the button may be pressed again.
        () => undefined,
      );
    },
    [realtime, router],
  );
  const makeDocument = useMakeDocument(realtime);
  const signInAgain = useCallback(() => {
    window.location.assign(`/sign-in?next=${encodeURIComponent(path)}`);
  }, [path]);
  if (!realtime) return <main aria-busy="true" />;
  const activeRoomId = roomId === undefined ? undefined : decodeURIComponent(roomId);
  return (
    <RealtimeProvider
      realtime={realtime}
      me={user}
      hasNotifications={config.hasNotifications}
      pushWorkerUrl="/push-worker.js"
      hasDocuments={config.hasDocuments}
      messageCards={config.hasDocuments ? DocumentCards : undefined}
      messageUrl={urlOf}
      onMessagePerson={messagePerson}
      onMakeDocument={config.hasDocuments ? makeDocument : undefined}
      onSignIn={signInAgain}
    >
      {config.hasNotifications && <TabSigns activeRoomId={activeRoomId} />}
      <a
        href="#main"
        className="absolute start-2 top-2 z-50 -translate-y-20 rounded-xl bg-accent px-4 py-2 font-semibold text-on-accent focus:translate-y-0"
      >
        Skip to the conversation
      </a>
      <DrawerProvider drawer={<SideBar user={user} activeRoomId={activeRoomId} isDrawer />}>
        <div
          className="app-frame"
          data-pane={activeRoomId === undefined && !path.startsWith("/documents") ? "list" : "room"}
        >
          <aside className="app-side" aria-label="Rooms and account">
            <SideBar user={user} activeRoomId={activeRoomId} isDrawer={false} />
          </aside>
          <main id="main" className="app-main" tabIndex={-1}>
            {children}
          </main>
        </div>
      </DrawerProvider>
    </RealtimeProvider>
  );
}

function urlOf({ roomId, id, seq }: Message): string {
  return window.location.origin + messagePath(roomId, id, seq);
}

function useAppRealtime(userId: string): Realtime | undefined {
  const [realtime, setRealtime] = useState<Realtime>();
  useEffect(() => {
    const made = createAppRealtime(userId);
    setRealtime(made);
    return () => made.close();
  }, [userId]);
  return realtime;
}
