import type { Notification } from "@mirage/protocol";
import {
  eventually,
  FakeClock,
  Inbox,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { openTestEditor, type TestEditor } from "../open-test-editor.ts";
import { findMentions } from "./find-mentions.ts";

let server: TestServer;
let clock: FakeClock;
let olga: TestSocket;
let roomId: string;
const people = new Map<string, TestSocket>();

beforeAll(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock, settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  olga = await server.connect("olga");
  for (const name of ["ann", "bob", "stranger"]) await server.connect(name);
  roomId = (await requestOk(olga, "create_room", { name: "Team", type: "private" })).room.id;
  for (const userId of ["ann", "bob"]) await requestOk(olga, "add_member", { roomId, userId });
});
afterAll(() => server?.close());

const open = async (markdown = "Plan"): Promise<{ documentId: string; editor: TestEditor }> => {
  const { document } = await requestOk(olga, "create_document", { title: "Plan", roomId, markdown });
  return { documentId: document.id, editor: await openTestEditor(server, "olga", document.id) };
};

function paragraph(...inline: (string | { user: string })[]): Y.XmlElement {
  const made = new Y.XmlElement("paragraph");
  made.insert(
    0,
    inline.map((part) => {
      if (typeof part === "string") return new Y.XmlText(part);
      const mention = new Y.XmlElement("mention");
      mention.setAttribute("id", part.user);
      mention.setAttribute("label", part.user.toUpperCase());
      return mention;
    }),
  );
  return made;
}

const content = ({ doc }: TestEditor): Y.XmlFragment => doc.getXmlFragment("content");
async function write(editor: TestEditor, ...inline: (string | { user: string })[]): Promise<void> {
  content(editor).insert(content(editor).length, [paragraph(...inline)]);
  await editor.flush();
}

/** Lets the time pass after which mentions are told, and waits for what comes of it. */
async function pass(ms = 3_000): Promise<void> {
  await clock.advanceAsync(ms);
}

/** What somebody was told of a document, oldest first. */
async function told(user: string, documentId: string): Promise<Notification[]> {
  const socket = people.get(user) ?? (await server.connect(user));
  people.set(user, socket);
  const { notifications } = await requestOk(socket, "get_notifications", {});
  return notifications.filter(({ groupKey }) => groupKey === `document:${documentId}`).reverse();
}

async function untilTold(user: string, documentId: string, count: number): Promise<Notification[]> {
  await eventually(async () => expect(await told(user, documentId)).toHaveLength(count));
  return await told(user, documentId);
}

test("[DOC-38] whoever is named in the text is told with the words around it, and nobody else", async () => {
  const { documentId, editor } = await open();
  const phone = new Inbox(await server.connect("ann"));
  await write(editor, "please ", { user: "ann" }, ", look");
  await write(editor, { user: "stranger" }, { user: "olga" }, { user: "nobody" });
  expect(await told("ann", documentId)).toEqual([]);
  await pass();
  expect(await untilTold("ann", documentId, 1)).toMatchObject([
    { type: "mention", title: "olga mentioned you in Plan", content: "please @ANN, look" },
  ]);
  await phone.settle();
  expect(phone.of("notification")).toMatchObject([
    { metadata: { documentId, documentTitle: "Plan", mentionedBy: "olga", mentionedById: "olga" } },
  ]);
  expect(phone.of("mention")).toEqual([]);
  for (const user of ["stranger", "olga"]) expect(await told(user, documentId)).toEqual([]);
});

test("[DOC-40] whoever wants nothing of a room is not told of mentions in its documents either", async () => {
  const { documentId, editor } = await open();
  const ann = await server.connect("ann");
  await requestOk(ann, "set_room_preferences", { roomId, level: "none" });
  await write(editor, { user: "ann" }, " and ", { user: "bob" });
  await pass();
  expect(await untilTold("bob", documentId, 1)).toHaveLength(1);
  expect(await told("ann", documentId)).toEqual([]);
  await requestOk(ann, "set_room_preferences", { roomId, level: "mentions" });
  await write(editor, "once more ", { user: "ann" });
  await pass();
  expect(await untilTold("ann", documentId, 1)).toMatchObject([{ content: "once more @ANN" }]);
});

test("[DOC-38] a mention that is gone by then, or that was moved, tells nobody; another one does", async () => {
  const { documentId, editor } = await open();
  await write(editor, { user: "ann" }, " no, ", { user: "bob" });
  content(editor).delete(content(editor).length - 1);
  await editor.flush();
  await write(editor, "rather ", { user: "bob" });
  await pass();
  expect(await untilTold("bob", documentId, 1)).toHaveLength(1);
  expect(await told("ann", documentId)).toEqual([]);
  content(editor).delete(content(editor).length - 1);
  await editor.flush();
  await write(editor, "moved here: ", { user: "bob" });
  await write(editor, "and you ", { user: "ann" });
  await pass();
  expect(await untilTold("ann", documentId, 1)).toMatchObject([{ content: "and you @ANN" }]);
  expect(await told("bob", documentId)).toHaveLength(1);
  await write(editor, "you, too ", { user: "ann" });
  await pass();
  expect(await untilTold("ann", documentId, 2)).toMatchObject([{}, { content: "you, too @ANN" }]);
});

test("[DOC-38] going back to a version names nobody anew, and Markdown names people like an editor", async () => {
  const { documentId, editor } = await open("[@Bob](mention:bob), begin");
  await pass();
  expect(await untilTold("bob", documentId, 1)).toMatchObject([{ content: "@Bob, begin" }]);
  const { version } = await requestOk(olga, "create_version", { documentId, name: "one" });
  content(editor).delete(0, content(editor).length);
  await editor.flush();
  await pass(11 * 60_000);
  await requestOk(olga, "restore_version", { documentId, versionId: version.id });
  await requestOk(olga, "append_document", { documentId, markdown: "[@Ann](mention:ann) goes on" });
  await pass();
  expect(await untilTold("ann", documentId, 1)).toMatchObject([{ content: "@Ann goes on" }]);
  expect(await told("bob", documentId)).toHaveLength(1);
});

test("[DOC-38] what waits is told when the server ends, and not again after the next start", async () => {
  const first = await startTestServer();
  const writer = await first.connect("olga");
  await first.connect("ann");
  const { document } = await requestOk(writer, "create_document", { title: "Plan" });
  await requestOk(writer, "set_document_role", { documentId: document.id, userId: "ann", role: "view" });
  await requestOk(writer, "append_document", { documentId: document.id, markdown: "[@Ann](mention:ann)" });
  await first.close({ keepsStorage: true });
  const second = await startTestServer({ storage: first.storage });
  const ann = await second.connect("ann");
  const { notifications } = await requestOk(ann, "get_notifications", {});
  expect(notifications.map(({ type }) => type)).toEqual(["mention", "invite"]);
  await second.close();
});

test("[DOC-38] an update says whom it names without the document, and nobody where it only says the word", () => {
  const doc = new Y.Doc();
  doc.getXmlFragment("content").insert(0, [paragraph("mention ", { user: "ann" })]);
  const [found, ...rest] = findMentions(Y.encodeStateAsUpdate(doc));
  expect(found).toMatchObject({ client: doc.clientID, userId: "ann" });
  expect(rest).toEqual([]);
  const words = new Y.Doc();
  words.getXmlFragment("content").insert(0, [paragraph("a mention of nobody")]);
  expect(findMentions(Y.encodeStateAsUpdate(words))).toEqual([]);
});

test("[DOC-39] whoever is given a role is told, once, and joining the document reads it", async () => {
  const { documentId } = await open();
  const stranger = new Inbox(await server.connect("stranger"));
  await requestOk(olga, "set_document_role", { documentId, userId: "stranger", role: "view" });
  const metadata = { documentId, documentTitle: "Plan", invitedBy: "olga", invitedById: "olga" };
  expect(await stranger.take("notification")).toMatchObject([
    { type: "invite", title: "olga shared Plan with you", metadata, groupKey: `document:${documentId}` },
  ]);
  await requestOk(olga, "set_document_role", { documentId, userId: "stranger", role: "edit" });
  expect(await stranger.take("notification")).toEqual([]);
  await requestOk(stranger.socket, "join_document", { documentId });
  await eventually(() => expect(stranger.of("notification_read")).toHaveLength(1));
});
