import { expect, test } from "vitest";
import { connect, requestOk, spawnServer } from "./index.ts";

test("a server in a process of its own is killed and comes back with what it acknowledged", async () => {
  const server = await spawnServer();
  try {
    const ann = await connect(server, "ann");
    await requestOk(ann, "join_room", { roomId: "general" });
    const sent = await requestOk(ann, "chat_message", { roomId: "general", content: "kept", nonce: "n1" });
    await server.kill();
    await server.start();
    const back = await connect(server, "ann");
    const again = await requestOk(back, "chat_message", { roomId: "general", content: "kept", nonce: "n1" });
    expect(again).toMatchObject({ duplicate: true, message: { id: sent.message.id, seq: sent.message.seq } });
    back.disconnect();
    expect(await server.stop()).toBe(0);
  } finally {
    await server.remove();
  }
}, 60_000);
