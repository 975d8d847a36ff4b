/// <reference types="vite/client" />
import { createRealtime } from "@mirage/client";
import { LiveChat, RealtimeProvider } from "@mirage/react";
import "@mirage/react/styles.css";
import { createRoot } from "react-dom/client";

/** What the shop's own back end says about who is signed in there; see server.ts. */
interface Session {
  realtimeUrl: string;
  me: { userId: string; username: string };
  token: string;
}

async function fetchSession(): Promise<Session> {
  const response = await fetch("/session");
  if (!response.ok) throw new Error(`The shop answered ${response.status}`);
  return response.json();
}

const { realtimeUrl, me } = await fetchSession();
const realtime = createRealtime({
  url: realtimeUrl,
  userId: me.userId,
  getToken: async () => (await fetchSession()).token,
});
const avatarUrl = (userId: string) => `${realtimeUrl}/api/avatar/${encodeURIComponent(userId)}`;

const place = document.querySelector("#chat");
if (place) {
  createRoot(place).render(
    <RealtimeProvider realtime={realtime} me={me} avatarUrl={avatarUrl}>
      <LiveChat roomId="general" />
    </RealtimeProvider>,
  );
}
