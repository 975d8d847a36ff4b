// A bot in the room `general` that answers `!ping`:
//   JWT_SECRET=… npm start -w examples/bot
import { createRealtime } from "@mirage/client";
import { SignJWT } from "jose";

const url = process.env.MIRAGE_URL || "http://localhost:3001";
const secret = process.env.JWT_SECRET;
if (!secret) {
  console.error("Set JWT_SECRET to the server's: its own setting, or `jwtSecret` in its data/secrets.json.");
  process.exit(1);
}

const bot = { userId: "ping-bot", username: "Ping" };
const realtime = createRealtime({
  url,
  getToken: () =>
    new SignJWT(bot)
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(secret)),
});
realtime.connection.subscribe(() => {
  const { status, reason } = realtime.connection.get();
  console.log(reason ? `${status}: ${reason}` : status);
});

const room = realtime.room("general");
let seenSeq: number | undefined;
// The state and not the events: it also has what was said while the connection was away.
room.state.subscribe(() => {
  const { status, items } = room.state.get();
  if (status !== "ready") return;
  const sent = items.filter((item) => item.state === "sent").map((item) => item.message);
  const seen = seenSeq ?? Number.POSITIVE_INFINITY;
  // Before anything is sent: sending changes the state, which calls this again.
  seenSeq = Math.max(seenSeq ?? 0, ...sent.map((message) => message.seq));
  for (const message of sent) {
    const isAsked = message.seq > seen && message.userId !== bot.userId && message.content === "!ping";
    if (isAsked) room.send({ content: "pong", replyTo: message.id });
  }
});
room.open();

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => realtime.close());
