import { limits } from "@mirage/protocol";
import { Inbox, request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
let ann: TestSocket;
let bob: TestSocket;
let gast: TestSocket;
let stranger: TestSocket;
let roomId: string;
let documentId: string;

const anchor = { start: "AAE", end: "AAI" };

beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  [olga, ann, bob, gast, stranger] = (await Promise.all(
    ["olga", "ann", "bob", "gast", "stranger"].map((name) => server.connect(name)),
  )) as [TestSocket, TestSocket, TestSocket, TestSocket, TestSocket];
  roomId = (await requestOk(olga, "create_room", { name: "Team", type: "private" })).room.id;
  for (const userId of ["ann", "bob", "gast"]) await requestOk(olga, "add_member", { roomId, userId });
  await requestOk(olga, "set_role", { roomId, userId: "gast", role: "guest" });
  documentId = (await requestOk(olga, "create_document", { title: "Plan", roomId })).document.id;
});
afterAll(() => server?.close());

const add = async (socket: TestSocket, content: string, more: { threadId?: string; nonce?: string } = {}) =>
  (await requestOk(socket, "add_comment", { documentId, content, ...more })).comment;
const codeOf = (answer: { ok: boolean; error?: { code: string } }) => (answer.ok ? "ok" : answer.error?.code);
const list = (socket: TestSocket, since?: number) =>
  requestOk(socket, "list_comments", { documentId, ...(since === undefined ? {} : { since }) });

test("[DOC-30] a comment takes a position of its document, and its whole new state is what each change tells", async () => {
  const input = { documentId, content: "too long?", anchor, quote: "a long sentence" };
  const { comment } = await requestOk(gast, "add_comment", input);
  expect(comment).toEqual({
    id: expect.any(String),
    documentId,
    threadId: comment.id,
    content: "too long?",
    anchor,
    quote: "a long sentence",
    userId: "gast",
    username: "gast",
    createdAt: expect.stringMatching(/Z$/),
    seq: expect.any(Number),
  });
  const answer = await add(ann, "shorter now", { threadId: comment.id });
  expect(answer).toMatchObject({ threadId: comment.id, seq: comment.seq + 1 });
  const edited = (await requestOk(ann, "edit_comment", { commentId: answer.id, content: "much shorter" })).comment;
  expect(edited).toMatchObject({ content: "much shorter", editedAt: expect.any(String), seq: answer.seq + 1 });
  const again = (await requestOk(ann, "edit_comment", { commentId: answer.id, content: "much shorter" })).comment;
  expect(again).toEqual(edited);
  const resolved = (await requestOk(bob, "resolve_comment", { commentId: answer.id, resolved: true })).comment;
  expect(resolved).toMatchObject({
    id: comment.id,
    resolvedBy: { userId: "bob", username: "bob" },
    seq: edited.seq + 1,
  });
  const opened = (await requestOk(bob, "resolve_comment", { commentId: comment.id, resolved: false })).comment;
  expect(opened).toEqual({ ...comment, seq: resolved.seq + 1 });
  const gone = (await requestOk(ann, "delete_comment", { commentId: answer.id })).comment;
  expect(gone).toMatchObject({ content: "", deleted: true, seq: opened.seq + 1 });
  const all = await list(bob);
  expect(all).toMatchObject({ comments: [opened], seq: gone.seq, hasMore: false });
  expect((await list(bob, edited.seq)).comments).toEqual([opened, gone]);
  expect((await list(bob, gone.seq)).comments).toEqual([]);
});

test("[DOC-30] whoever has the document open is told of each change in order, between the edits", async () => {
  const inbox = new Inbox(bob);
  const { seq } = await requestOk(bob, "join_document", { documentId });
  const comment = await add(ann, "look");
  await requestOk(olga, "update_document", { documentId, title: "Plan B" });
  await requestOk(ann, "edit_comment", { commentId: comment.id, content: "look here" });
  await requestOk(olga, "update_document", { documentId, title: "Plan" });
  const gone = (await requestOk(ann, "delete_comment", { commentId: comment.id })).comment;
  await inbox.settle();
  const told = inbox.of("comment_updated");
  expect(told.map((event) => event.comment.content)).toEqual(["look", "look here", ""]);
  expect(told[0]).toEqual({ documentId, comment, seq: seq + 1 });
  expect(told[2]).toEqual({ documentId, comment: gone, seq: seq + 5 });
  expect(inbox.of("document_updated").map((event) => event.seq)).toEqual([seq + 2, seq + 4]);
  await requestOk(bob, "leave_document", { documentId });
});

test("[DOC-31] the same nonce again is the same comment, whatever has become of it; another text is refused", async () => {
  const first = await requestOk(ann, "add_comment", { documentId, content: "once", nonce: "n1" });
  await requestOk(ann, "edit_comment", { commentId: first.comment.id, content: "once, edited" });
  const again = await requestOk(ann, "add_comment", { documentId, content: "once", nonce: "n1" });
  expect(again).toMatchObject({ duplicate: true, comment: { id: first.comment.id, content: "once, edited" } });
  const other = await request(ann, "add_comment", { documentId, content: "twice", nonce: "n1" });
  expect(codeOf(other)).toBe("nonce_conflict");
  const both = await Promise.all(
    [1, 2].map(() => requestOk(ann, "add_comment", { documentId, content: "raced", nonce: "n2" })),
  );
  expect(new Set(both.map(({ comment }) => comment.id)).size).toBe(1);
  const { comments } = await list(ann);
  expect(comments.filter(({ content }) => content === "raced")).toHaveLength(1);
});

test("[DOC-32] who may comment answers and resolves; only the author edits; owner and moderators delete others'", async () => {
  const comment = await add(ann, "mine");
  const commentId = comment.id;
  for (const socket of [bob, olga]) {
    expect(codeOf(await request(socket, "edit_comment", { commentId, content: "yours" }))).toBe("forbidden");
  }
  expect(codeOf(await request(bob, "delete_comment", { commentId }))).toBe("forbidden");
  for (const [name, payload] of [
    ["add_comment", { documentId, content: "hi" }],
    ["list_comments", { documentId }],
    ["edit_comment", { commentId, content: "x" }],
    ["resolve_comment", { commentId, resolved: true }],
    ["delete_comment", { commentId }],
  ] as const) {
    expect(codeOf(await request(stranger, name, payload))).toBe("not_found");
  }
  await requestOk(olga, "set_role", { roomId, userId: "bob", role: "moderator" });
  const gone = await requestOk(bob, "delete_comment", { commentId });
  expect(gone.comment).toMatchObject({ deleted: true, content: "", userId: "ann" });
  await requestOk(olga, "set_role", { roomId, userId: "bob", role: "member" });
  expect(codeOf(await request(ann, "edit_comment", { commentId, content: "again" }))).toBe("not_found");
  const answer = await request(ann, "add_comment", { documentId, content: "to nobody", threadId: commentId });
  expect(codeOf(answer)).toBe("not_found");
  await requestOk(olga, "remove_member", { roomId, userId: "bob" });
  expect(codeOf(await request(bob, "add_comment", { documentId, content: "still here" }))).toBe("not_found");
  await requestOk(olga, "add_member", { roomId, userId: "bob" });
});

test("[DOC-30] a thread goes on without its first comment, and ends with its last", async () => {
  const first = await add(ann, "a question");
  const answer = await add(bob, "an answer", { threadId: first.id });
  await requestOk(ann, "delete_comment", { commentId: first.id });
  const ofThread = async () => (await list(bob)).comments.filter(({ threadId }) => threadId === first.id);
  expect(await ofThread()).toMatchObject([{ id: answer.id }, { id: first.id, deleted: true }]);
  await add(ann, "thanks", { threadId: first.id });
  for (const { id: commentId } of (await ofThread()).filter(({ deleted }) => !deleted)) {
    await requestOk(olga, "delete_comment", { commentId });
  }
  expect(await ofThread()).toEqual([]);
});

test("[DOC-32] what moderators refuse, what is blank or too long, and an answer with a place of its own, is not a comment", async () => {
  const before = (await list(ann)).seq;
  const { id: threadId } = await add(ann, "fine");
  const refused = [
    [{ content: "fuck you" }, "moderated"],
    [{ content: "   " }, "bad_request"],
    [{ content: "x".repeat(limits.messageCodePoints + 1) }, "too_large"],
    [{ content: "x", quote: "x".repeat(limits.commentQuoteCodePoints + 1) }, "bad_request"],
    [{ content: "x", threadId, anchor }, "bad_request"],
    [{ content: "x", threadId: "no-thread" }, "not_found"],
  ] as const;
  for (const [input, code] of refused) {
    expect(codeOf(await request(ann, "add_comment", { documentId, ...input }))).toBe(code);
  }
  const moderated = await request(ann, "edit_comment", { commentId: threadId, content: "fuck you" });
  expect(codeOf(moderated)).toBe("moderated");
  expect((await list(ann)).seq).toBe(before + 1);
});

test("[DOC-32] a person comments at most 60 times a minute", async () => {
  const limited = await startTestServer({ settings: { eventsPerSecond: 1_000 } });
  const chatty = await limited.connect("chatty");
  const ask = () => request(chatty, "add_comment", { documentId: "none", content: "hello" });
  const answers = await Promise.all(Array.from({ length: 61 }, ask));
  expect(answers.map(codeOf)).toEqual([...Array(60).fill("not_found"), "rate_limited"]);
  await limited.close();
});

test("[DOC-33] called by name, answered, or owner of the document: told once, by the strongest, and taken back with it", async () => {
  const inboxes = { ann: new Inbox(ann), bob: new Inbox(bob), olga: new Inbox(olga), stranger: new Inbox(stranger) };
  for (const inbox of Object.values(inboxes)) await inbox.take("notification");
  const question = await add(ann, "@bob and @stranger, what is this? (@ann)");
  expect(question.mentions).toEqual({ users: ["bob"] });
  const [called] = await inboxes.bob.take("notification");
  expect(called).toMatchObject({
    type: "mention",
    title: "ann mentioned you in Plan",
    content: "@bob and @stranger, what is this? (@ann)",
    metadata: { documentId, commentId: question.id, threadId: question.id, mentionedById: "ann" },
    groupKey: `document:${documentId}`,
  });
  const owner = await inboxes.olga.take("notification");
  expect(owner).toMatchObject([{ type: "document", title: "ann commented in Plan", metadata: { documentId } }]);
  expect((await inboxes.ann.settle()).of("notification")).toEqual([]);
  expect((await inboxes.stranger.settle()).of("notification")).toEqual([]);
  const answer = await add(olga, "ask @bob", { threadId: question.id });
  const threadId = question.id;
  expect(await inboxes.ann.take("notification")).toMatchObject([{ type: "reply", metadata: { threadId } }]);
  expect(await inboxes.bob.take("notification")).toMatchObject([{ type: "mention", metadata: { threadId } }]);
  await requestOk(olga, "edit_comment", { commentId: answer.id, content: "ask @ann" });
  const withdrawn = (await inboxes.bob.settle()).of("notification_deleted");
  expect(withdrawn).toHaveLength(1);
  expect((await inboxes.ann.settle()).of("notification")).toEqual([]);
  await requestOk(ann, "delete_comment", { commentId: question.id });
  expect((await inboxes.bob.settle()).of("notification_deleted")).toHaveLength(2);
  const { notifications } = await requestOk(bob, "get_notifications", {});
  expect(notifications.filter(({ groupKey }) => groupKey === called?.groupKey)).toEqual([]);
});

test("[DOC-33] preferences decide, and the answer to why says how", async () => {
  const inbox = new Inbox(bob);
  await requestOk(bob, "set_preferences", { channels: { mention: { inApp: false } } });
  const comment = await add(ann, "hello @bob");
  expect(await inbox.take("notification")).toEqual([]);
  const silent = await requestOk(bob, "explain_notification", { commentId: comment.id });
  expect(silent).toMatchObject({ commentId: comment.id, trigger: null });
  expect(silent.channels[0]?.reasons).toEqual(["preference_off"]);
  await requestOk(bob, "set_preferences", { channels: { mention: { inApp: true } } });
  const loud = await requestOk(bob, "explain_notification", { commentId: comment.id });
  expect(loud).toMatchObject({
    trigger: "mention",
    channels: [{ channel: "inApp", isDue: true, reasons: ["mentioned"] }, {}, {}, {}, {}],
  });
  const own = await requestOk(ann, "explain_notification", { commentId: comment.id });
  expect(own.channels[0]?.reasons).toEqual(["own_message"]);
  expect(codeOf(await request(stranger, "explain_notification", { commentId: comment.id }))).toBe("not_found");
  expect(codeOf(await request(bob, "explain_notification", {}))).toBe("bad_request");
});

test("[DOC-40] the level and the mute of the document's room hold for its comments, and the answer to why says so", async () => {
  const inbox = new Inbox(bob);
  const explained = async (content: string) => {
    const { id: commentId } = await add(ann, content);
    return await requestOk(bob, "explain_notification", { commentId });
  };
  await requestOk(bob, "set_room_preferences", { roomId, level: "none" });
  const none = await explained("@bob, listen");
  expect(none).toMatchObject({
    trigger: null,
    channels: [{ isDue: false, reasons: ["room_level_none"] }, {}, {}, {}, {}],
  });
  expect(await inbox.take("notification")).toEqual([]);
  const mutedUntil = new Date(Date.now() + 3_600_000).toISOString();
  await requestOk(bob, "set_room_preferences", { roomId, level: "mentions", mutedUntil });
  const { trigger, channels } = await explained("@bob, later");
  expect(trigger).toBe("mention");
  expect(channels.slice(0, 2)).toEqual([
    { channel: "inApp", isDue: true, reasons: ["mentioned"] },
    { channel: "sound", isDue: false, reasons: ["muted"] },
  ]);
  const [kept] = await inbox.take("notification");
  expect(kept).toMatchObject({ content: "@bob, later", channels: { sound: false, desktop: false } });
  await requestOk(bob, "set_room_preferences", { roomId, level: null, mutedUntil: null });
  expect((await explained("@bob, now")).channels[1]).toEqual({ channel: "sound", isDue: true, reasons: ["mentioned"] });
  expect(await inbox.take("notification")).toMatchObject([{ channels: { sound: true, desktop: true } }]);
});

test("[DOC-34] looking at a document reads what was told of it, on every device", async () => {
  const devices = [new Inbox(bob), new Inbox(await server.connect("bob"))];
  await requestOk(bob, "mark_all_notifications_read", {});
  await add(ann, "one @bob");
  await add(ann, "two @bob");
  await requestOk(olga, "chat_message", { roomId, content: "elsewhere @bob" });
  for (const device of devices) (await device.settle()).clear();
  expect(await requestOk(bob, "mark_document_seen", { documentId })).toMatchObject({ unreadCount: 1 });
  for (const device of devices) expect(await device.take("notification_read")).toHaveLength(2);
  expect(await requestOk(bob, "mark_document_seen", { documentId })).toMatchObject({ unreadCount: 1 });
  const { notifications } = await requestOk(bob, "get_notifications", { unreadOnly: true });
  expect(notifications).toMatchObject([{ content: "elsewhere @bob" }]);
});
