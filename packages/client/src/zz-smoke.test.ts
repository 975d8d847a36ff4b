import { it, expect } from "vitest";
import { startTestServer, signToken } from "@mirage/testing";
import { createRealtime } from "./index.ts";
it("smoke", async () => {
  const server = await startTestServer();
  const mk = (id: string) => createRealtime({ url: server.url, storage: "memory", getToken: async () => signToken({ userId: id, username: id }, server.settings.jwtSecret as string) });
  const ann = mk("ann"), bob = mk("bob");
  const ra = ann.room("general"), rb = bob.room("general");
  ra.open(); rb.open();
  await expect.poll(() => [ann.connection.get().status, ra.state.get().status, rb.state.get().status, ann.rooms.get().status], {timeout: 5000}).toEqual(["online","ready","ready","ready"]);
  for (let i = 0; i < 20; i++) { ra.send({ content: `a${i}` }); rb.send({ content: `b${i}` }); }
  await expect.poll(() => [ra.state.get().items.filter(i => i.state === "sent").length, rb.state.get().items.filter(i => i.state === "sent").length], {timeout: 5000}).toEqual([40, 40]);
  console.log(JSON.stringify(ra.state.get().items[0]), ra.state.get().members, ra.state.get().online, ra.state.get().unread, rb.state.get().firstUnreadSeq);
  console.log(JSON.stringify(ann.rooms.get()));
  ra.markRead();
  await expect.poll(() => ann.rooms.get().rooms[0]?.unread).toBe(0);
  const m = rb.state.get().items.find(i => i.message.userId === "bob")!.message;
  await rb.react(m.id, "👍"); await rb.edit(m.id, "edited!"); 
  await expect.poll(() => ra.state.get().items.find(i => i.message.id === m.id)?.message).toMatchObject({content: "edited!", reactions: [{emoji: "👍", count: 1}]});
  rb.typing();
  await expect.poll(() => ra.state.get().typing).toEqual([{ userId: "bob", username: "bob" }]);
  const created = await bob.request("create_room", { name: "Plans", type: "private" });
  await expect.poll(() => bob.rooms.get().rooms.map(r => r.name)).toContain("Plans");
  await bob.request("add_member", { roomId: created.room.id, userId: "ann" });
  await expect.poll(() => ann.rooms.get().rooms.map(r => r.name)).toContain("Plans");
  const rp = bob.room(created.room.id); 
  await expect.poll(() => ann.rooms.get().rooms.find(r => r.name === "Plans")?.role).toBe("member");
  rp.send({ content: "hi ann @ann" });
  await expect.poll(() => ann.rooms.get().rooms.find(r => r.name === "Plans"), { timeout: 3000 }).toMatchObject({ unread: 1, mentions: 1, lastMessage: { content: "hi ann @ann" } });
  // cut ann
  const before = ra.state.get().items.length;
  (ann as any); 
  for (const _ of [1]) { rb.send({ content: "x" }); }
  await expect.poll(() => ra.state.get().items.length).toBe(before + 1);
  await bob.request("remove_member", { roomId: created.room.id, userId: "ann" });
  await expect.poll(() => ann.rooms.get().rooms.map(r => r.name)).not.toContain("Plans");
  console.log("DONE");
  ann.close(); bob.close();
  await server.close();
}, 60000);
