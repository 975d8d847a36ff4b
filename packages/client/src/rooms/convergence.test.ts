import fc from "fast-check";
import { expect, it } from "vitest";
import { FakeServer } from "../testing/fake-server.ts";
import { pass, startClient, type TestClient } from "../testing/test-client.ts";

/** One thing that happens in the room, or to the connection. `pick` chooses which message it happens to. */
const step = fc.record({
  kind: fc.constantFrom(
    "post",
    "post",
    "post",
    "own",
    "change",
    "bury",
    "cut",
    "older",
    "jump",
    "newest",
    "read",
    "settle",
  ),
  pick: fc.nat({ max: 1_000 }),
});
/** For each event: lost, repeated, or let past by others. */
const fate = fc.record({ copies: fc.constantFrom(1, 1, 1, 0, 2), ahead: fc.constantFrom(0, 0, 1, 3) });

type Step = { kind: string; pick: number };

async function take({ kind, pick }: Step, client: TestClient, server: FakeServer): Promise<void> {
  const room = client.realtime.room("general");
  const { messages } = server.room("general");
  const target = messages[pick % Math.max(1, messages.length)];
  if (kind === "post") server.post("general", "bob", { content: `n${messages.length}` });
  if (kind === "own") room.send({ content: `own ${messages.length}` });
  if (kind === "change" && target && !target.deleted)
    server.change("general", target.id, { content: `changed ${pick}` });
  if (kind === "bury" && target && !target.deleted) server.bury("general", target.id);
  if (kind === "cut") server.cut();
  if (kind === "older") room.loadBefore().catch(() => undefined);
  if (kind === "jump" && target) room.loadAround(target.seq).catch(() => undefined);
  if (kind === "newest") room.loadNewest().catch(() => undefined);
  const { items, hasMoreAfter } = room.state.get();
  const shown = items[pick % Math.max(1, items.length)];
  if (kind === "read" && shown && !hasMoreAfter) room.markRead(shown.message.seq);
  if (kind === "settle") await pass(client, server, 250);
}

it("[CAT-1] whatever is lost, repeated or reordered on the way, a client ends with what the server has", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.array(fate, { minLength: 1, maxLength: 40 }),
      async (steps, fates) => {
        const server = new FakeServer();
        server.catchUpLimit = 15;
        server.addRoom("general", "ann", "bob");
        let event = 0;
        server.mangle = () => fates[event++ % fates.length] ?? { copies: 1, ahead: 0 };
        for (let count = 0; count < 70; count++) server.post("general", "bob", { content: `old ${count}` });
        const client = await startClient(server, "ann");
        const room = client.realtime.room("general");
        room.open();
        await server.settle();
        let lastSeq = 0;
        const shownTwice = new Set<string>();
        room.state.subscribe(() => {
          const { items } = room.state.get();
          if (new Set(items.map(({ key }) => key)).size !== items.length)
            shownTwice.add(items.map(({ key }) => key).join());
        });
        for (const next of steps) await take(next, client, server);

        server.mangle = () => ({ copies: 1, ahead: 0 });
        server.cut();
        await pass(client, server, 45_000);
        room.loadNewest().catch(() => undefined);
        await server.settle();
        const { items, hasMoreBefore, unread, readSeq } = room.state.get();
        const first = items[0]?.message.seq ?? 0;
        const all = server.room("general").messages;
        const expected = all.filter(({ seq, deleted }) => (!hasMoreBefore || seq >= first) && !deleted);
        expect(items.filter(({ message }) => !message.deleted).map(({ message }) => message)).toEqual(expected);
        expect(items.every(({ state }) => state === "sent")).toBe(true);
        const owed = all.filter(({ seq, deleted, userId }) => seq > readSeq && !deleted && userId === "bob").length;
        expect(server.room("general").readSeqs.get("ann") ?? 0).toBe(readSeq);
        expect(unread).toBe(Math.min(100, owed));
        for (const { message } of items) {
          expect(message.seq).toBeGreaterThan(lastSeq);
          lastSeq = message.seq;
        }
        expect([...shownTwice]).toEqual([]);
        client.realtime.close();
      },
    ),
    { numRuns: 60 },
  );
});
