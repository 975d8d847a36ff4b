import { connect, eventually, requestOk, spawnServer } from "@mirage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { openDatabase } from "../../database/open-database.ts";
import { judgeUpdate } from "./gate/gate.ts";
import { changeContent, contentStep, seenOf } from "./open-test-content.ts";
import { rebuildDocument } from "./open-test-document.ts";
import { TestEditor } from "./open-test-editor.ts";

const rounds = 4;
const writers = ["ann", "bob", "cat"];
/** What people do, made again by this number. */
const seed = Number(process.env.FUZZ_SEED ?? 1);

test("[DOC-1] [DOC-3] whatever was acknowledged before a kill is in what is rebuilt after it, and all end with the same", async () => {
  const server = await spawnServer({
    env: { CONNECTION_RATE_LIMIT: "0", EVENT_RATE_LIMIT: "0", IN_FLIGHT_LIMIT: "0" },
  });
  try {
    const people = writers.map((name, index) => {
      const steps = fc.sample(contentStep, { numRuns: 2_000, seed: seed + index });
      return { name, doc: new Y.Doc(), acknowledged: [] as Uint8Array[], steps };
    });
    const owner = await connect(server, "ann");
    const documentId = (await requestOk(owner, "create_document", { title: "Plan" })).document.id;
    for (const userId of writers.slice(1)) {
      (await connect(server, userId)).disconnect();
      await requestOk(owner, "set_document_role", { documentId, userId, role: "edit" });
    }
    owner.disconnect();
    const open = async (person: Pick<(typeof people)[number], "name" | "doc">) => {
      const editor = new TestEditor(await connect(server, person.name), documentId, person.doc);
      await editor.join();
      return editor;
    };
    for (let round = 0; round < rounds; round++) {
      const editors = await Promise.all(people.map(open));
      const writing = editors.map(async (editor, index) => {
        for (let n = 0; editor.socket.connected; n++) {
          const step = people[index]?.steps[n % 2_000];
          if (step) changeContent(editor.doc, step);
          for (const update of editor.unsent.splice(0)) {
            // Whatever gets no answer is sent again by the state vector of the next join.
            const isTaken = await editor.send(update).then(
              () => true,
              () => false,
            );
            if (isTaken) people[index]?.acknowledged.push(update);
            else return;
          }
        }
      });
      // Past 500 updates: a compaction may be under way as well.
      const enough = 100 + round * 150;
      await eventually(() => people.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0) >= enough, {
        timeoutMs: 120_000,
      });
      await server.kill();
      for (const editor of editors) editor.socket.disconnect();
      await Promise.all(writing);
      await server.start();
    }
    // Twice round: the second time everybody gets what the others brought the first time.
    for (const person of [...people, ...people]) {
      const editor = await open(person);
      await editor.flush();
      editor.socket.disconnect();
    }
    await server.stop();
    const database = await openDatabase(server.storage);
    const rebuilt = await rebuildDocument(database, documentId);
    await database.close();
    const whole = new Y.Doc();
    Y.applyUpdate(whole, rebuilt.encodeSince());
    for (const { name, doc, acknowledged } of people) {
      expect(acknowledged.length).toBeGreaterThan(20);
      for (const update of acknowledged)
        expect(judgeUpdate({ update, userId: name, maxBytes: 1e9 }, rebuilt)).toEqual({ kind: "duplicate" });
      expect(seenOf(doc)).toEqual(seenOf(whole));
    }
  } finally {
    await server.remove();
  }
});
