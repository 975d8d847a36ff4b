import { SignJWT } from "jose";
import { io } from "socket.io-client";
const token = await new SignJWT({ userId: "ana-1", username: "Ana" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(new TextEncoder().encode(process.env.JWT_SECRET));

const socket = io("http://localhost:4801", { auth: { token } });
let since = null; // { epoch, seq }: the newest change of the room that was seen
const take = (message) => {
  since = { ...since, seq: Math.max(since.seq, message.updatedSeq) };
  console.log(message.seq, message.username, message.deleted ? "(deleted)" : message.content);
};
socket.on("chat_message", take);
socket.on("message_updated", take);
for (const name of ["room_updated", "member_updated"]) socket.on(name, ({ seq }) => (since = { ...since, seq: Math.max(since.seq, seq) }));
socket.on("connect", async () => {
  const room = await socket.emitWithAck("join_room", { roomId: "general", since });
  if (!room.ok) return console.error(room.error.code, room.error.message);
  if (room.reset) console.log("start afresh");
  since = { epoch: room.epoch, seq: since?.seq ?? 0 };
  room.messages.forEach(take);
  since = { epoch: room.epoch, seq: room.seq };
  console.log("joined", since, room.hasMore);
  const nonce = crypto.randomUUID();
  const message = { roomId: "general", content: "!ping", nonce };
  console.log((await socket.emitWithAck("chat_message", message)).ok);
  console.log((await socket.emitWithAck("chat_message", message)).duplicate);
});
socket.on("connect_error", (error) => console.error(error.message, error.data?.code));
setTimeout(() => { socket.io.engine.close(); }, 3000);
setTimeout(() => process.exit(), 9000);
