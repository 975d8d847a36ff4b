import { expect, it } from "vitest";
import type { UnreadNotification } from "./deliveries.store.ts";
import { confirmationLetter, unreadLetter } from "./mail-letters.ts";

const links = { publicUrl: "https://chat.example/", unsubscribeUrl: "https://chat.example/stop?a=1&b=2" };
const one: UnreadNotification = {
  id: "n",
  seq: 1,
  type: "mention",
  title: "Olga mentioned you in Hall",
  content: "hello",
  metadata: { roomId: "r 1", messageId: "m", mentionedBy: "Olga" },
  messageSeq: 7,
  isUrgent: false,
  createdAt: "2026-01-01T00:00:00Z",
  level: null,
  roomType: "public",
  roomName: "Hall",
  memberCount: 3,
  mutedUntil: null,
};

it("[NOTE-20] lists ten at most, the oldest first, says when there is more, and leads to the newest", () => {
  const many = Array.from({ length: 11 }, (_, n) => ({ ...one, content: `text ${11 - n}` }));
  const { text, html, subject } = unreadLetter([many[0] ?? one, ...many.slice(1)], links);
  expect([...text.matchAll(/text (\d+)/g)].map(([, n]) => Number(n))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(text).toContain("Read it: https://chat.example/rooms/r%201?message=m&seq=7\nThere is more");
  expect(html).toContain('href="https://chat.example/rooms/r%201?message=m&amp;seq=7"');
  expect(subject).toBe("Unread in Hall");
  expect(unreadLetter([one], links).text).not.toContain("There is more");
});

it("[NOTE-22] makes one line of a subject, quotes a little of a long text, and escapes all of it in the page", () => {
  const odd = { ...one, roomName: "a\r\nBcc: b@c.example\u2028<d>", content: `<b>&${"🙂".repeat(300)}` };
  const { subject, text, html } = unreadLetter([odd], links);
  expect(subject).toBe("Unread in a Bcc: b@c.example <d>");
  expect([...(text.split("\n")[1] ?? "").trim()]).toHaveLength(201);
  expect(html).toContain("&lt;b&gt;&amp;🙂");
  expect(html).not.toContain("<b>");
  expect(html).toContain("stop?a=1&amp;b=2");
  expect(unreadLetter([{ ...odd, roomType: "direct", metadata: { username: "x\ny" } }], links).subject).toBe(
    "Unread from x y",
  );
});

it("[NOTE-21] the mail with the link names the place and holds nothing that whoever asked could have written", () => {
  const { subject, text, html } = confirmationLetter({
    publicUrl: links.publicUrl,
    confirmUrl: "https://chat.example/c?t",
  });
  expect(subject).toBe("Confirm your address for chat.example");
  expect(text).toContain("\n\nhttps://chat.example/c?t\n\n");
  expect(html).toContain('<a href="https://chat.example/c?t">');
});
