import { eventually, requestOk } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestMail, type TestMail } from "./open-test-mail.ts";

let world: TestMail;
beforeAll(async () => {
  world = await openTestMail();
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const minute = 60_000;

test("[NOTE-20] what is unread for ten minutes is mailed once, all of the conversation in one mail that stands by the last", async () => {
  const bea = await world.makePerson();
  await world.leave(bea);
  await world.write(bea.roomId, "first");
  await world.pass(5 * minute);
  const { id } = await world.write(bea.roomId, "typo");
  const { id: gone } = await world.write(bea.roomId, "not for you");
  const last = await world.write(bea.roomId, "third\nline two");
  await requestOk(world.olga, "edit_message", { messageId: id, content: "no typo" });
  await requestOk(world.olga, "delete_message", { messageId: gone });
  await world.pass(4 * minute);
  expect(world.mailsTo(bea)).toEqual([]);
  await world.pass(minute + 5_000);
  await world.settled(bea.name);
  const [mail, ...others] = world.mailsTo(bea);
  expect(others).toEqual([]);
  expect(mail?.headers).toMatchObject({ from: "Chat <chat@example.com>", subject: "Unread from Olga" });
  expect(mail?.text).toMatch(/^Olga\n {4}first\n\nOlga\n {4}no typo\n\nOlga\n {4}third\n {4}line two\n\nRead it: /);
  expect(mail?.text).toContain(`https://chat.example/app/rooms/${encodeURIComponent(bea.roomId)}?message=${last.id}`);
  expect(mail?.text).not.toContain("not for you");
  expect(mail?.html).toContain("third<br>line two");

  // What comes later is a mail of its own, of what is new, by the side of the first.
  await world.write(bea.roomId, "fourth");
  await world.pass(11 * minute);
  await world.settled(bea.name);
  const [, next] = world.mailsTo(bea);
  expect(next?.text).toMatch(/^Olga\n {4}fourth\n\nRead it/);
  expect(next?.headers.references).toBe(mail?.headers.references);
  expect(next?.headers.subject).toBe(mail?.headers.subject);
  expect(next?.headers["message-id"]).not.toBe(mail?.headers["message-id"]);
  await world.pass(60 * minute);
  expect(world.mailsTo(bea)).toHaveLength(2);
});

test("[NOTE-20] what was read meanwhile is not mailed, nor to whoever is active when it is due", async () => {
  const reader = await world.makePerson();
  const sitter = await world.makePerson();
  const idler = await world.makePerson();
  const { seq } = await world.write(reader.roomId, "read in the app");
  await world.write(sitter.roomId, "looks elsewhere");
  await world.write(idler.roomId, "went for coffee");
  await requestOk(reader.socket, "mark_read", { roomId: reader.roomId, seq });
  await requestOk(idler.socket, "presence_update", { status: "away", automatic: true });
  await world.leave(reader);
  expect(await world.listDue(sitter.name)).toMatchObject([{ channel: "email" }]);
  await world.pass(11 * minute);
  await Promise.all([reader, sitter, idler].map(({ name }) => world.settled(name)));
  expect([reader, sitter, idler].map((person) => world.mailsTo(person).length)).toEqual([0, 0, 1]);
});

test("[NOTE-20] what was read takes nothing of the ten minutes of what comes after it", async () => {
  const bea = await world.makePerson();
  const { seq } = await world.write(bea.roomId, "read at once");
  await requestOk(bea.socket, "mark_read", { roomId: bea.roomId, seq });
  await world.leave(bea);
  await world.pass(8 * minute);
  await world.write(bea.roomId, "waits for itself");
  await world.pass(8 * minute);
  expect(world.mailsTo(bea)).toEqual([]);
  await world.pass(2 * minute + 5_000);
  await world.settled(bea.name);
  expect(world.mailsTo(bea).map(({ text }) => text.includes("waits for itself"))).toEqual([true]);
});

test("[NOTE-20] do-not-disturb and a muted room keep mail back, urgent ones come at once, and the table of channels counts", async () => {
  const bea = await world.makePerson();
  const tell = (content: string, urgent: boolean) =>
    world.server.running.sendNotification(bea.name, { title: "Host", content, urgent });
  await requestOk(bea.socket, "set_room_preferences", { roomId: bea.roomId, mutedUntil: "2100-01-01T00:00:00Z" });
  await world.write(bea.roomId, "muted");
  expect(await world.listDue(bea.name)).toEqual([]);
  await requestOk(bea.socket, "set_room_preferences", { roomId: bea.roomId, mutedUntil: null });
  await world.write(bea.roomId, "before quiet");
  await requestOk(bea.socket, "set_preferences", { doNotDisturb: { isOn: true } });
  await world.leave(bea);
  await tell("quiet", false);
  await tell("now", true);
  await eventually(async () => {
    await world.pass(3_000);
    return world.mailsTo(bea).length > 0;
  });
  await world.pass(20 * minute);
  await world.settled(bea.name);
  expect(world.mailsTo(bea).map(({ text }) => text.split("\n").slice(0, 2))).toEqual([["Host", "    now"]]);
  expect(world.mailsTo(bea)[0]?.headers.subject).toBe("Host");
  const again = await world.server.connect(bea.name);
  await requestOk(again, "set_preferences", { doNotDisturb: { isOn: false }, channels: { message: { email: false } } });
  again.disconnect();
  await world.write(bea.roomId, "only in the app");
  expect(await world.listDue(bea.name)).toEqual([]);
});

test("[NOTE-20] an urgent one brings forward what waits for the same conversation", async () => {
  const bea = await world.makePerson();
  await world.leave(bea);
  const tell = (content: string, urgent: boolean) =>
    world.server.running.sendNotification(bea.name, { title: "Backup", content, urgent, groupKey: "backup" });
  await tell("slow", false);
  await world.pass(minute);
  await tell("failed", true);
  await eventually(async () => {
    await world.pass(3_000);
    return world.mailsTo(bea).length > 0;
  });
  expect(world.mailsTo(bea)[0]?.text).toMatch(/slow[\s\S]*failed/);
});

test("[NOTE-22] names, titles and texts stay what they are: in the subject, the text and the page", async () => {
  const bea = await world.makePerson();
  await world.leave(bea);
  const title = '<img src=x onerror=alert(1)> "Ünïcode" & more';
  const content = "<script>alert(1)</script>\nBcc: eve@example.com";
  await world.server.running.sendNotification(bea.name, { title, content, urgent: true });
  await eventually(async () => {
    await world.pass(3_000);
    return world.mailsTo(bea).length > 0;
  });
  const [mail] = world.mailsTo(bea);
  expect(mail?.headers.subject).toBe(title);
  expect(mail?.headers).not.toHaveProperty("bcc");
  expect(mail?.text).toContain("<script>alert(1)</script>");
  expect(mail?.html).toContain("&lt;img src=x onerror=alert(1)&gt; &quot;Ünïcode&quot; &amp; more");
  expect(mail?.html).not.toMatch(/<(img|script)/);
});

test("[NOTE-22] one press ends all mail to a person, who sees it in the settings and can switch it on again", async () => {
  const bea = await world.makePerson();
  await world.leave(bea);
  await world.write(bea.roomId, "hello");
  await world.pass(11 * minute);
  await world.settled(bea.name);
  const [mail] = world.mailsTo(bea);
  const link = /^<(.*)>$/.exec(mail?.headers["list-unsubscribe"] ?? "")?.[1] ?? "";
  expect(mail?.headers["list-unsubscribe-post"]).toBe("List-Unsubscribe=One-Click");
  expect(mail?.text).toContain(link);
  const url = link.replace("https://chat.example/app", world.server.url);
  expect((await fetch(url)).status).toBe(200);
  await world.write(bea.roomId, "waits already");
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  expect((await fetch(url, { method: "POST", body })).status).toBe(200);
  await world.write(bea.roomId, "no more");
  await world.pass(11 * minute);
  await world.settled(bea.name);
  expect(world.mailsTo(bea)).toHaveLength(1);
  const again = await world.server.connect(bea.name);
  const { preferences } = await requestOk(again, "get_preferences", {});
  expect(Object.values(preferences.channels).some(({ email }) => email)).toBe(false);
  expect(preferences.channels.message.push).toBe(true);
  again.disconnect();
});

test("[NOTE-27] whoever is banned gets no mail: not of what is unread, and no link for an address", async () => {
  const [bea, ben] = [await world.makePerson(), await world.makePerson()];
  for (const { roomId } of [bea, ben]) await world.write(roomId, "are you there?");
  for (const { socket, name } of [bea, ben]) await requestOk(socket, "set_email", { email: `new-${name}@example.com` });
  for (const person of [bea, ben]) await world.leave(person);
  await world.server.running.database.query("UPDATE users SET banned_at = now() WHERE id = $1", [bea.name]);
  await world.pass(11 * minute);
  for (const { name } of [bea, ben]) await world.settled(name);
  expect(world.mailsTo(ben)).toHaveLength(1);
  expect(world.post.received.map(({ to }) => to).filter((to) => to.includes(bea.name))).toEqual([]);
});
