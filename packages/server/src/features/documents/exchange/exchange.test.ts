import { toMarkdown } from "@mirage/documents";
import { limits } from "@mirage/protocol";
import {
  eventually,
  Inbox,
  request,
  requestOk,
  signToken,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestEditor } from "../open-test-editor.ts";

let server: TestServer;
let olga: TestSocket;
let ann: TestSocket;
let stranger: TestSocket;
let roomId: string;

beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0, publicUrl: "https://chat.example" } });
  await server.connect("root");
  olga = await server.connect("olga");
  ann = await server.connect("ann");
  stranger = await server.connect("stranger");
  roomId = (await requestOk(olga, "create_room", { name: "Team", type: "private" })).room.id;
  await requestOk(olga, "add_member", { roomId, userId: "ann" });
});
afterAll(() => server?.close());

const codeOf = (answer: { ok: boolean; error?: { code: string } }) => (answer.ok ? "ok" : answer.error?.code);

/** REST, as a person; a string goes as it is. */
async function rest(user: string, path: string, body?: object | string | Uint8Array<ArrayBuffer>): Promise<Response> {
  const token = signToken({ userId: user, username: user }, server.jwtSecret);
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return await fetch(`${server.url}/api/v1/documents${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": isRaw ? "application/octet-stream" : "application/json",
    },
    ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
  });
}

const make = async (input: { title?: string; markdown?: string; roomId?: string }): Promise<string> =>
  (await requestOk(olga, "create_document", { title: "Plan", ...input })).document.id;

test("[DOC-35] a document begins with Markdown, at one position, and is read as Markdown, HTML and JSON", async () => {
  const answer = await rest("olga", "", {
    title: "Plan & <b>",
    roomId,
    markdown: "# One\n\n- [x] two\n\n<script>alert(1)</script>",
  });
  expect(answer.status).toBe(201);
  const { document } = (await answer.json()) as { document: { id: string; seq: number } };
  expect(document.seq).toBe(1);
  const markdown = await rest("ann", `/${document.id}.md`);
  expect(markdown.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
  expect(await markdown.text()).toBe("# One\n\n- [x] two\n\n\\<script>alert(1)\\</script>\n");
  const html = await rest("ann", `/${document.id}.html`);
  expect(html.headers.get("content-security-policy")).toContain("default-src 'none'");
  const page = await html.text();
  expect(page).toContain("<title>Plan &amp; &lt;b&gt;</title>");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).not.toContain("<script>");
  const json = (await (await rest("ann", `/${document.id}.json`)).json()) as { content: { type: string }[] };
  expect(json.content.map(({ type }) => type)).toEqual(["heading", "taskList", "paragraph"]);
  for (const format of ["md", "html", "json"]) {
    expect((await rest("stranger", `/${document.id}.${format}`)).status).toBe(404);
    expect((await rest("olga", `/none.${format}`)).status).toBe(404);
  }
});

test("[DOC-35] Markdown that is added is an edit that live editors see, behind what they write", async () => {
  const documentId = await make({ roomId, markdown: "first" });
  const editor = await openTestEditor(server, "ann", documentId);
  const answer = await rest("olga", `/${documentId}/append`, { markdown: "*second*" });
  expect(answer.status).toBe(200);
  const { seq } = (await answer.json()) as { seq: number };
  await eventually(() => expect(editor.seen).toEqual([seq]));
  expect(toMarkdown(editor.doc)).toBe("first\n\n*second*\n");
  // An editor's own connection may ask for it, too: what the server makes is new to everybody.
  await requestOk(editor.socket, "append_document", { documentId, markdown: "third" });
  expect(toMarkdown(editor.doc)).toBe("first\n\n*second*\n\nthird\n");
  expect((await rest("stranger", `/${documentId}/append`, { markdown: "x" })).status).toBe(404);
  await requestOk(olga, "set_role", { roomId, userId: "ann", role: "guest" });
  expect(codeOf(await request(ann, "append_document", { documentId, markdown: "x" }))).toBe("forbidden");
  await requestOk(olga, "set_role", { roomId, userId: "ann", role: "member" });
  editor.socket.disconnect();
});

test("[DOC-35] what is added at once stays, all of it", async () => {
  const documentId = await make({});
  await Promise.all(
    ["one", "two", "three"].map((markdown) => requestOk(olga, "append_document", { documentId, markdown })),
  );
  const text = await (await rest("olga", `/${documentId}.md`)).text();
  expect(text.trim().split("\n\n").sort()).toEqual(["one", "three", "two"]);
});

test("[DOC-35] too much Markdown, none, and both kinds of beginning are refused", async () => {
  const documentId = await make({});
  const refused = [
    [{ markdown: "x".repeat(limits.markdownCharacters + 1) }, 400],
    [{ markdown: "x".repeat(limits.markdownBodyBytes) }, 413],
    [{ markdown: " \n" }, 400],
    [{}, 400],
  ] as const;
  for (const [body, status] of refused) expect((await rest("olga", `/${documentId}/append`, body)).status).toBe(status);
  expect((await rest("olga", "", "no json")).status).toBe(400);
  const both = await request(olga, "create_document", { title: "x", markdown: "y", fromMessageIds: ["m"] });
  expect(codeOf(both)).toBe("bad_request");
  const long = await rest("olga", `/${documentId}/append`, { markdown: "- a\n".repeat(5_000) });
  expect(long.status).toBe(200);
});

test("[DOC-37] messages begin a document with author, time and a way back, and its room is told with a link, once", async () => {
  const say = async (content: string) => (await requestOk(ann, "chat_message", { roomId, content })).message;
  const [first, second] = [await say("an **idea**"), await say("another one")];
  const inbox = new Inbox(olga);
  await requestOk(olga, "join_room", { roomId });
  const input = { title: "Ideas", roomId, nonce: "ideas", fromMessageIds: [second.id, first.id, first.id] };
  const { document, messageId } = await requestOk(olga, "create_document", input);
  const text = await (await rest("ann", `/${document.id}.md`)).text();
  const when = (at: string) => at.replace(/^(.{10})T(.{5}).*$/, "$1 $2 UTC");
  expect(text).toBe(
    `**ann** · [${when(first.timestamp)}](/rooms/${roomId}?message=${first.id})\n\n> an **idea**\n\n` +
      `**ann** · [${when(second.timestamp)}](/rooms/${roomId}?message=${second.id})\n\n> another one\n`,
  );
  const [told] = await inbox.take("chat_message");
  expect(told).toMatchObject({
    id: messageId,
    userId: "olga",
    content: `Ideas: https://chat.example/documents/${document.id}`,
    metadata: { documentId: document.id },
  });
  const again = await requestOk(olga, "create_document", input);
  expect(again).toMatchObject({ document: { id: document.id }, messageId });
  expect(await inbox.take("chat_message")).toEqual([]);
  const alone = await requestOk(olga, "create_document", { title: "Mine", fromMessageIds: [first.id] });
  expect(alone.messageId).toBeUndefined();
});

test("[DOC-37] messages that one may not read, or that are gone, begin no document", async () => {
  const { message } = await requestOk(ann, "chat_message", { roomId, content: "secret" });
  const from = (socket: TestSocket, ids: string[]) =>
    request(socket, "create_document", { title: "Stolen", fromMessageIds: ids });
  expect(codeOf(await from(stranger, [message.id]))).toBe("not_found");
  expect(codeOf(await from(olga, [message.id, "no-message"]))).toBe("not_found");
  await requestOk(ann, "delete_message", { messageId: message.id });
  expect(codeOf(await from(olga, [message.id]))).toBe("not_found");
  expect(
    codeOf(
      await from(
        olga,
        Array.from({ length: 101 }, (_, at) => `m${at}`),
      ),
    ),
  ).toBe("bad_request");
  expect((await requestOk(stranger, "list_documents", {})).documents).toEqual([]);
});
