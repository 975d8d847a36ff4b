import { limits } from "@mirage/protocol";
import { eventually, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { openTestEditor } from "./open-test-editor.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

interface Answer {
  status: number;
  body: { seq?: number; duplicate?: boolean; error?: { code: string } };
}

async function post(user: string, documentId: string, update: Uint8Array): Promise<Answer> {
  const response = await fetch(`${server.url}/api/v1/documents/${documentId}/updates`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${server.signToken({ userId: user, username: user })}`,
      "content-type": "application/octet-stream",
    },
    body: new Uint8Array(update),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

test("[REST-1] [DOC-5] an update that is too large for the socket goes over REST, up to 8 MiB, and is judged as any other", async () => {
  const socket = await server.connect("ann");
  const documentId = (await requestOk(socket, "create_document", { title: "Plan" })).document.id;
  const ann = await openTestEditor(server, "ann", documentId);
  const mine = new Y.Doc();
  mine.getText("content").insert(0, "x".repeat(5_000_000));
  const update = Y.encodeStateAsUpdate(mine);
  expect(await post("ann", documentId, update)).toEqual({ status: 200, body: { seq: 1 } });
  await eventually(() => expect(ann.text.length).toBe(5_000_000));
  expect((await post("ann", documentId, update)).body).toMatchObject({ seq: 1, duplicate: true });
  expect((await post("eve", documentId, update)).body.error?.code).toBe("not_found");
  expect((await post("ann", documentId, new Uint8Array([1, 2, 3]))).body.error?.code).toBe("bad_update");
  const tooLarge = await post("ann", documentId, new Uint8Array(limits.restUpdateBytes + 1));
  expect(tooLarge).toMatchObject({ status: 413, body: { error: { code: "too_large" } } });
  const late = await openTestEditor(server, "ann", documentId);
  expect(late.text.length).toBe(5_000_000);
}, 60_000);

test("[DOC-5] a document that is full takes no more, and can be made smaller", async () => {
  const socket = await server.connect("ann");
  const documentId = (await requestOk(socket, "create_document", { title: "Plan" })).document.id;
  const mine = new Y.Doc();
  const write = (): Uint8Array => {
    const before = Y.encodeStateVector(mine);
    mine.getText("content").insert(0, "y".repeat(6_000_000));
    return Y.encodeStateAsUpdate(mine, before);
  };
  for (const seq of [1, 2, 3]) expect((await post("ann", documentId, write())).body).toEqual({ seq });
  const more = write();
  expect(await post("ann", documentId, more)).toMatchObject({
    status: 413,
    body: { error: { code: "document_full" } },
  });
  const ann = await openTestEditor(server, "ann", documentId);
  ann.text.delete(0, 17_000_000);
  await ann.flush();
  await eventually(async () => expect((await post("ann", documentId, more)).body).toEqual({ seq: 5 }), {
    timeoutMs: 20_000,
    intervalMs: 500,
  });
}, 90_000);

test("[CFG-5] with documents switched off each of their commands is answered `disabled`", async () => {
  const off = await startTestServer({ settings: { enableDocuments: false } });
  const socket = await off.connect("ann");
  for (const name of ["create_document", "list_documents", "join_document", "collaborative_edit"] as const) {
    const answer = await request(socket, name, { title: "x", documentId: "d", update: new Uint8Array() });
    expect(answer).toMatchObject({ ok: false, error: { code: "disabled" } });
  }
  await off.close();
});
