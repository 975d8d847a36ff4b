const fetchToken = async () => 'x';
import { createRealtime } from "@mirage/client";
import { LiveChat, RealtimeProvider } from "@mirage/react";
import "@mirage/react/styles.css";

const url = "http://localhost:3001";
const realtime = createRealtime({ url, getToken: fetchToken });
const avatarUrl = (userId: string) => `${url}/api/avatar/${encodeURIComponent(userId)}`;

<RealtimeProvider realtime={realtime} me={{ userId: "42", username: "Ana" }} avatarUrl={avatarUrl} emojiUrl="/emoji">
  <div style={{ height: "34rem" }}>
    <LiveChat roomId="general" />
  </div>
</RealtimeProvider>;
