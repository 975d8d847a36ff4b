// Socket.IO as most people write a chat with it: the token is checked in a middleware, a message is one INSERT through
// a pool of 10, then `io.to(room).emit`, then the acknowledgement. Its defaults are left alone.
import { createSecretKey } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { jwtVerify } from "jose";
import connect from "postgres";
import { Server } from "socket.io";
import { sayReady } from "./wire.ts";

type Answer = (reply: object) => void;

const sql = connect(process.env.DATABASE_URL ?? "", { max: 10, onnotice: () => undefined });
await sql`create table stock_rooms (id bigint generated always as identity primary key, name text not null)`;
await sql`create table stock_messages (
  id bigint generated always as identity primary key,
  room_id bigint not null references stock_rooms (id),
  user_id text not null,
  content text not null,
  created_at timestamptz not null default now()
)`;
await sql`create index on stock_messages (room_id, id)`;

const secret = createSecretKey(process.env.JWT_SECRET ?? "", "utf8");
const httpServer = createServer();
const io = new Server(httpServer);

io.use(async (socket, next) => {
  try {
    const { payload } = await jwtVerify(socket.handshake.auth.token, secret);
    socket.data.user = { userId: payload.userId, username: payload.username };
    next();
  } catch {
    next(new Error("unauthorized"));
  }
});

io.on("connection", (socket) => {
  const { user } = socket.data;

  socket.on("create_room", async ({ name }: { name: string }, answer: Answer) => {
    const [room] = await sql`insert into stock_rooms (name) values (${name}) returning id`;
    answer({ ok: true, room: { id: String(room?.id) } });
  });

  socket.on("join_room", async ({ roomId }: { roomId: string }, answer: Answer) => {
    await socket.join(roomId);
    answer({ ok: true, seq: 0 });
  });

  socket.on("chat_message", async ({ roomId, content }: { roomId: string; content: string }, answer: Answer) => {
    try {
      const [row] = await sql`insert into stock_messages (room_id, user_id, content)
        values (${roomId}, ${user.userId}, ${content}) returning id, created_at`;
      const id = String(row?.id);
      const about = { type: "text", metadata: {}, timestamp: row?.created_at, edited: false, reactions: [] };
      const message = { id, roomId, ...user, content, ...about, seq: Number(id), updatedSeq: Number(id) };
      io.to(roomId).emit("chat_message", message);
      answer({ ok: true, message });
    } catch {
      answer({ ok: false, error: { code: "unavailable" } });
    }
  });

  socket.on("typing_start", ({ roomId }: { roomId: string }, answer: Answer) => {
    socket.to(roomId).emit("typing_start", { roomId, ...user });
    answer({ ok: true });
  });
});

httpServer.listen(0, "127.0.0.1", () => sayReady((httpServer.address() as AddressInfo).port));
