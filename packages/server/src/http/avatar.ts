import { createHash } from "node:crypto";
import { findUncleanPath, limits } from "@mirage/protocol";
import type { HttpApp, HttpOptions } from "./http-options.ts";

const size = 96;
const keptSeconds = 300;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** `/api/avatar/:userId`: the person's own picture by redirect, else a drawing of their initials. */
export function addAvatarRoute(app: HttpApp, { database }: Pick<HttpOptions, "database">): void {
  app.get("/api/avatar/:userId", async (context) => {
    const userId = context.req.param("userId").slice(0, limits.idCodePoints);
    const isAskable = findUncleanPath(userId, 1) === undefined;
    const sql = "SELECT username, avatar_url FROM users WHERE id = $1";
    const rows = isAskable ? await database.query<{ username: string; avatar_url: string | null }>(sql, [userId]) : [];
    const user = rows[0];
    context.header("cache-control", `public, max-age=${keptSeconds}`);
    if (user?.avatar_url && URL.parse(user.avatar_url)?.protocol === "https:") {
      return context.redirect(user.avatar_url, 302);
    }
    context.header("content-security-policy", "default-src 'none'; sandbox");
    return context.body(drawInitials(userId, user?.username ?? "?"), 200, { "content-type": "image/svg+xml" });
  });
}

/** The same person always has the same colour; the text on it has a contrast of at least 4.5 to 1. */
export function drawInitials(userId: string, username: string): string {
  const hue = createHash("sha256").update(userId).digest().readUInt16BE(0) % 360;
  const initials = escapeXml(initialsOf(username));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}">`,
    `<rect width="${size}" height="${size}" fill="hsl(${hue} 55% 30%)"/>`,
    `<text x="50%" y="50%" dy=".35em" text-anchor="middle" fill="#fff" font-family="system-ui, sans-serif"`,
    ` font-size="38" font-weight="600">${initials}</text></svg>`,
  ].join("");
}

function initialsOf(username: string): string {
  const words = username.split(/[\s._-]+/).filter((word) => word !== "");
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return picked
    .map((word) => firstGrapheme(word ?? "?"))
    .join("")
    .toUpperCase();
}

function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment.slice(0, 8).toWellFormed();
  return "";
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
