import { isUtf8 } from "node:buffer";

/** The bytes are not what they claim to be, or there is too much in them. */
export class Malformed extends Error {
  override readonly name = "Malformed";
  readonly code: "bad_update" | "too_large";

  constructor(message: string, code: Malformed["code"] = "bad_update") {
    super(message);
    this.code = code;
  }
}

/** Values nested deeper than this make a reader's stack overflow somewhere. */
const maxValueDepth = 32;
/** Room to add lengths to clocks without leaving the integers that a double holds exactly. */
const maxNumber = 2 ** 48;

/**
 * Reads lib0's encoding without making anything of it: no count is believed before the bytes for it are there, nothing
 * recurses deeper than is safe, and what another reader would throw at is `Malformed` here.
 */
export class BoundedReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Malformed("it ends too early");
    this.#at++;
    return byte;
  }

  /** An unsigned number of variable length. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > maxNumber || factor > maxNumber) throw new Malformed("a number is too large");
      if (byte < 128) return value;
    }
  }

  /** How many of something follow that takes at least so many bytes each. */
  count(minBytesEach: number): number {
    const count = this.number();
    if (count * minBytesEach > this.#bytes.length - this.#at) throw new Malformed("it claims more than it brings");
    return count;
  }

  skip(byteCount: number): void {
    if (byteCount > this.#bytes.length - this.#at) throw new Malformed("it ends too early");
    this.#at += byteCount;
  }

  text(): string {
    const byteCount = this.number();
    const start = this.#at;
    this.skip(byteCount);
    const bytes = this.#bytes.subarray(start, this.#at);
    if (!isUtf8(bytes)) throw new Malformed("text that is not UTF-8");
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  }

  /** How many UTF-16 units a text has. Most are a word somebody typed: those are not decoded. */
  textLength(): number {
    const start = this.#at;
    const byteCount = this.number();
    const end = this.#at + byteCount;
    while (this.#at < end && (this.#bytes[this.#at] ?? 128) < 128) this.#at++;
    if (this.#at === end) return byteCount;
    this.#at = start;
    return this.text().length;
  }

  json(): void {
    const text = this.text();
    if (text === "undefined") return;
    if (depthOfBrackets(text) > maxValueDepth) throw new Malformed("JSON that is nested too deep");
    try {
      JSON.parse(text);
    } catch {
      throw new Malformed("JSON that is none");
    }
  }

  /** A value of any kind, as lib0 writes them. */
  value(depth = 0): void {
    if (depth > maxValueDepth) throw new Malformed("a value that is nested too deep");
    const kind = this.byte();
    if (kind === 119) this.text();
    else if (kind === 125) this.#signedNumber();
    else if (kind === 118) this.#object(depth);
    else if (kind === 117) for (let left = this.count(1); left > 0; left--) this.value(depth + 1);
    else if (kind === 116) this.skip(this.number());
    else this.skip(widthOf(kind));
  }

  #object(depth: number): void {
    for (let left = this.count(2); left > 0; left--) {
      if (this.text() === "__proto__") throw new Malformed("a key that is not data");
      this.value(depth + 1);
    }
  }

  #signedNumber(): void {
    // Its first byte holds six bits, all others seven; no number of JavaScript has more than nine.
    for (let left = 9; left > 0; left--) if (this.byte() < 128) return;
    throw new Malformed("a number is too large");
  }
}

/** undefined, null, float32, float64, bigint, false, true. */
const widths = new Map([
  [127, 0],
  [126, 0],
  [124, 4],
  [123, 8],
  [122, 8],
  [121, 0],
  [120, 0],
]);

function widthOf(kind: number): number {
  const width = widths.get(kind);
  if (width === undefined) throw new Malformed("a value of an unknown kind");
  return width;
}

/** At least as deep as the JSON is nested; brackets inside of texts count too where they are not closed. */
function depthOfBrackets(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isInText && unit === 0x5c) at++;
    else if (unit === 0x22) isInText = !isInText;
    else if (!isInText && (unit === 0x5b || unit === 0x7b)) deepest = Math.max(deepest, ++depth);
    else if (!isInText && (unit === 0x5d || unit === 0x7d)) depth--;
  }
  return deepest;
}
