import { expect, test } from "vitest";
import { decideType, isShown, looksLikeText } from "./file-types.ts";

const decide = (declared: string | undefined, sniffed: string | undefined, isText = false) =>
  decideType({ declared, sniffed, isText });

test("[FILE-2] what is shown is decided by the bytes, whatever the uploader says", () => {
  expect(decide("text/html", "image/png")).toBe("image/png");
  expect(decide(undefined, "image/apng")).toBe("image/png");
  expect(decide("image/png", "audio/ogg; codecs=opus")).toBe("audio/ogg");
  expect(decide("image/png", undefined)).toBe("application/octet-stream");
  expect(decide("video/mp4", "application/zip")).toBe("application/octet-stream");
});

test("[FILE-2] what is only saved keeps its type when it is what it says, and nothing that runs has one", () => {
  expect(decide("application/pdf", "application/pdf")).toBe("application/pdf");
  expect(decide("", "application/zip")).toBe("application/zip");
  expect(decide("text/plain; charset=utf-8", undefined, true)).toBe("text/plain");
  expect(decide("application/json", undefined, true)).toBe("text/plain");
  for (const type of ["text/html", "image/svg+xml", "application/xml", "application/xhtml+xml", "text/javascript"]) {
    expect(decide(type, undefined, true)).toBe("application/octet-stream");
    expect(decide(type, type)).toBe("application/octet-stream");
    expect(isShown(type)).toBe(false);
  }
  for (const type of ["application/pdf", "text/plain", "application/octet-stream"]) expect(isShown(type)).toBe(false);
});

test("[FILE-2] text is UTF-8 without controls and without markup", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(looksLikeText(bytes("Grüße,\n\tAna 🙂\r\n"), true)).toBe(true);
  expect(looksLikeText(bytes("🙂").subarray(0, 3), false)).toBe(false);
  expect(looksLikeText(bytes("a🙂").subarray(0, 3), false)).toBe(true);
  expect(looksLikeText(bytes("a🙂").subarray(0, 3), true)).toBe(false);
  for (const other of ["", "\u0000", "a\u0007b", " \n<svg>", "<!doctype html>"]) {
    expect(looksLikeText(bytes(other), true)).toBe(false);
  }
});
