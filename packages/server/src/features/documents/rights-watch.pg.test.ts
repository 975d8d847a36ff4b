import { eventually, FakeClock, Inbox, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestEditor } from "./open-test-editor.ts";

const clock = new FakeClock(Date.now());
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server?.close());

test("[ACC-1] [DOC-11] a right of which no stream of this node tells that it is gone is missed within half a second", async () => {
  const ann = await server.connect("ann");
  await server.connect("bob");
  const { room } = await requestOk(ann, "create_room", { name: "Team", type: "private" });
  await requestOk(ann, "add_member", { roomId: room.id, userId: "bob" });
  const { document } = await requestOk(ann, "create_document", { title: "Plan", roomId: room.id });
  const bob = await openTestEditor(server, "bob", document.id);
  const inbox = new Inbox(bob.socket);
  // As another node does it, whose word of it is lost.
  await server.running.database.query("DELETE FROM members WHERE room_id = $1 AND user_id = 'bob'", [room.id]);
  await clock.advanceAsync(500);
  await eventually(() =>
    expect(inbox.of("document_evicted")).toEqual([{ documentId: document.id, code: "forbidden" }]),
  );
});
