/**
 * What a file is taken for. Only its bytes count: who uploads may say whatever they want, and a browser that shows the file
 * would believe it.
 */

/** Pictures that are taken apart and made anew, so that nothing else of their bytes is left. */
const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"] as const;
export type PictureType = (typeof pictures)[number];

/** What a browser may show by itself; everything else is handed over as a download. */
const shown = new Set<string>([...pictures, "video/mp4", "video/webm", "audio/mpeg", "audio/ogg", "video/ogg"]);

/** One kind of bytes by several names. */
const sameAs: Record<string, string> = { "image/apng": "image/png", "application/ogg": "audio/ogg" };

/** Whatever a browser could run, by any name. */
const active = /xml|html|svg|script/;

export const unknownType = "application/octet-stream";

/** What was found out about a file. */
export interface TypeFacts {
  /** As the uploader says. */
  declared: string | undefined;
  /** As the first bytes say, where they say something. */
  sniffed: string | undefined;
  /** It begins with text and nothing but text. */
  isText: boolean;
}

/**
 * The media type that a file is kept under. What is shown is decided by the bytes alone; of the rest, one that is not what
 * it says it is becomes `application/octet-stream`, and so does anything that could run.
 */
export function decideType({ declared, sniffed, isText }: TypeFacts): string {
  const said = baseType(declared);
  if (sniffed === undefined) return isText && isOrdinaryText(said) ? "text/plain" : unknownType;
  const found = sameAs[baseType(sniffed)] ?? baseType(sniffed);
  if (shown.has(found)) return found;
  if (active.test(found)) return unknownType;
  return said === found || said === "" || said === unknownType ? found : unknownType;
}

export function isPicture(type: string): type is PictureType {
  return pictures.some((picture) => picture === type);
}

/** Whether a browser may show it where it is, or only save it. */
export function isShown(type: string): boolean {
  return shown.has(type);
}

/** Whether the beginning of a file is text without markup: UTF-8, no control characters but white space. */
export function looksLikeText(head: Uint8Array, isWhole: boolean): boolean {
  try {
    // A character that is cut in two at the end is no fault of the file's.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: !isWhole });
    return text !== "" && !/[^\P{Cc}\t\n\v\f\r]/u.test(text) && !text.trimStart().startsWith("<");
  } catch {
    return false;
  }
}

function isOrdinaryText(said: string): boolean {
  return (
    said === "" ||
    said === unknownType ||
    (said.startsWith("text/") && !active.test(said)) ||
    said === "application/json"
  );
}

function baseType(type: string | undefined): string {
  return (type ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
