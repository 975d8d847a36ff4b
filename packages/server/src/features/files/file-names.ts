import { countCodePoints, isBlank, limits } from "@mirage/protocol";

/** A name only ever shown: what would lead out of a folder, turn the text around it or break a header is taken out. */
export function cleanFileName(name: string): string {
  const last =
    name
      .toWellFormed()
      .split(/[/\\\u2044\u2215\uff0f\uff3c]/)
      .at(-1) ?? "";
  const cleaned = last
    .normalize("NFC")
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .replace(/^\.+/, "")
    .trim();
  if (isBlank(cleaned)) return "file";
  return countCodePoints(cleaned) <= limits.fileNameCodePoints ? cleaned : shorten(cleaned);
}

/** The end of a name says what it is, so the middle goes. */
function shorten(name: string): string {
  const points = [...name];
  const dot = points.lastIndexOf(".");
  const ending = dot > 0 && points.length - dot <= 16 ? points.slice(dot) : [];
  return [...points.slice(0, limits.fileNameCodePoints - ending.length), ...ending].join("");
}

/** `Content-Disposition` (RFC 6266), with the name as it is (RFC 8187) and in ASCII for whoever cannot read that. */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[^ -~]/gu, "_")
    .replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
