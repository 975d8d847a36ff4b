import { eventually, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import connect from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestEditor } from "./open-test-editor.ts";

let server: TestServer;
let sql: ReturnType<typeof connect>;

beforeAll(async () => {
  server = await startTestServer();
  sql = connect(server.storage.databaseUrl ?? "", { max: 2, onnotice: () => undefined });
});
afterAll(async () => {
  await sql?.end();
  await server?.close();
});

test("[DOC-8] a client id that two connections of one person claim at the same moment is that person's", async () => {
  const socket = await server.connect("ann");
  const documentId = (await requestOk(socket, "create_document", { title: "Plan" })).document.id;
  await openTestEditor(server, "ann", documentId);
  const clientId = 4_711;
  const [inserted, waited] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const other = sql.begin(async (transaction) => {
    await transaction`INSERT INTO document_clients (document_id, client_id, user_id, clock, at)
                      VALUES (${documentId}, ${clientId}, 'ann', 0, now())`;
    inserted.resolve();
    await waited.promise;
  });
  await inserted.promise;
  const joined = requestOk(socket, "join_document", { documentId, clientId });
  await eventually(async () => {
    const waiting = await sql`SELECT 1 FROM pg_stat_activity
                              WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    expect(waiting).toHaveLength(1);
  });
  waited.resolve();
  await other;
  expect((await joined).role).toBe("edit");
  await requestOk(socket, "cursor_update", { documentId, clientId, state: {} });
});
