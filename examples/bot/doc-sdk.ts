import { SignJWT as Sign } from "jose";
const fetchToken = () => new Sign({ userId: "42", username: "Ana" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("15m").sign(new TextEncoder().encode(process.env.JWT_SECRET));
const show = (items: readonly unknown[]) => console.log('items', items.length); const notify = (...a: string[]) => console.log('mention', a);import { createRealtime, RealtimeError } from "@mirage/client";

const realtime = createRealtime({ url: "http://localhost:4801", getToken: fetchToken });
const room = realtime.room("general");
room.state.subscribe(() => show(room.state.get().items)); // whole, ordered, with what is still being sent
const release = room.open();

room.send({ content: "Hello" }); // shown at once, sent once, in order, also after a reload
realtime.on("mention", ({ mentionedBy, content }) => notify(mentionedBy, content));

try {
  const { room: plans } = await realtime.request("create_room", { name: "Plans", type: "private" });
  await realtime.request("add_member", { roomId: plans.id, userId: "43" });
} catch (error) {
  if (error instanceof RealtimeError) console.warn(error.code, error.message, error.retryable);
}

setTimeout(() => { room.react(room.state.get().items.at(-1)?.message.id ?? '', '👍').then(() => { console.log(room.state.get().items.at(-1)); release(); realtime.close(); }); }, 3000);