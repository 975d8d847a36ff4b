/** What mails say, as text and as HTML that shows the same. Pure. */
import { limits } from "@mirage/protocol";
import { escapeHtml } from "../../../lib/escape-html.ts";
import type { Mail } from "../../../ports/mail-sender.ts";
import type { UnreadNotification } from "./deliveries.store.ts";
import { placeOf } from "./place-of.ts";

type Letter = Pick<Mail, "subject" | "text" | "html">;

const subjectCodePoints = 120;

/** All that is unread of one conversation; `wanted` the newest first, as it is stored. */
export function unreadLetter(
  wanted: readonly [UnreadNotification, ...UnreadNotification[]],
  links: { publicUrl: string; unsubscribeUrl: string },
): Letter {
  const [newest] = wanted;
  const listed = wanted.slice(0, limits.mailedNotifications).reverse();
  const hasMore = wanted.length > listed.length;
  const url = inApp(links.publicUrl, placeOf(newest));
  const subject = subjectOf(newest);
  const more = "There is more, which you find there.";
  const why = "You get this mail because you have not read it in the app.";
  const text = [
    ...listed.map(({ title, content }) => [title, ...indented(excerptOf(content))].join("\n")),
    [`Read it: ${url}`, ...(hasMore ? [more] : [])].join("\n"),
    `-- \n${why}\nStop all mail: ${links.unsubscribeUrl}`,
  ].join("\n\n");
  const html = pageOf([
    ...listed.map(({ title, content }) => {
      const quote = content === "" ? "" : `<br>${escapeHtml(excerptOf(content)).replaceAll("\n", "<br>")}`;
      return `<p dir="auto"><strong>${escapeHtml(title)}</strong>${quote}</p>`;
    }),
    `<p>${linkOf(url, "Read it")}${hasMore ? ` ${more}` : ""}</p>`,
    `<hr><p><small>${why} ${linkOf(links.unsubscribeUrl, "Stop all mail")}</small></p>`,
  ]);
  return { subject, text, html };
}

/** Says nothing that whoever asks for it could have written: it goes to people who may not have asked. */
export function confirmationLetter(links: { publicUrl: string; confirmUrl: string }): Letter {
  const { host } = new URL(links.publicUrl);
  const what = `Confirm that ${host} may tell you by mail, at this address, of what you have not read there.`;
  const until = "The link works once, for a day. If you did not ask for it, do nothing: then nothing more comes.";
  const text = `${what}\n\n${links.confirmUrl}\n\n${until}\n`;
  const html = pageOf([
    `<p>${escapeHtml(what)}</p>`,
    `<p>${linkOf(links.confirmUrl, "Confirm this address")}</p>`,
    `<p>${until}</p>`,
  ]);
  return { subject: `Confirm your address for ${host}`, text, html };
}

/** An address within the app, wherever that is served. */
export function inApp(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, "")}${path}`;
}

/** The same for each mail of a conversation: some mail programs go by it, too, to put them together. */
function subjectOf({ roomType, roomName, title, metadata }: UnreadNotification): string {
  if (roomType === "direct")
    return oneLine(`Unread from ${metadata.username ?? metadata.mentionedBy ?? metadata.invitedBy ?? title}`);
  return oneLine(roomName === null ? title : `Unread in ${roomName}`);
}

/** Headers end at a line break: what people write never holds one there. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return [...line].slice(0, subjectCodePoints).join("");
}

function excerptOf(content: string): string {
  const signs = [...content];
  return signs.length > limits.pushTextCodePoints ? `${signs.slice(0, limits.pushTextCodePoints).join("")}…` : content;
}

function indented(content: string): string[] {
  return content === "" ? [] : content.split("\n").map((line) => `    ${line}`);
}

function linkOf(url: string, words: string): string {
  return `<a href="${escapeHtml(url)}">${escapeHtml(words)}</a>`;
}

function pageOf(parts: readonly string[]): string {
  return `<!doctype html>\n<html><body style="font-family: sans-serif">\n${parts.join("\n")}\n</body></html>\n`;
}
