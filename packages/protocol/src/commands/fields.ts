import { z } from "zod";
import { messages } from "../errors.ts";
import { limits } from "../limits.ts";
import { countCodePoints, id, isBlank, line } from "../text.ts";

/** Fields that several commands share. */
export const roomId = id(messages.roomIdRequired, limits.idCodePoints);
export const userId = id("User ID is required", limits.idCodePoints);
export const messageId = id("Message ID is required", limits.idCodePoints);
export const documentId = id("Document ID is required", limits.idCodePoints);
export const commentId = id("Comment ID is required", limits.idCodePoints);
export const versionId = id("Version ID is required", limits.idCodePoints);
export const fileId = id("File ID is required", limits.idCodePoints);
export const cursor = z.string().max(512).optional();

/** Made by the client: a repeat with the same one does nothing again. */
export const nonce = z
  .string()
  .min(1)
  .refine((text) => countCodePoints(text) <= limits.nonceCodePoints, { error: "at most 64 characters" });
/** An address as mail servers take it (RFC 5321 §4.5.3.1.3), in ASCII. */
export const email = z
  .string()
  .trim()
  .max(limits.emailCharacters)
  .pipe(z.email({ error: "an address, as ana@example.com" }));

/** What a person typed: NFC, not trimmed. Whether blank is allowed depends on the attachments beside it. */
export const content = z
  .string({ error: messages.contentRequired })
  .transform((text) => text.normalize("NFC"))
  .refine((text) => countCodePoints(text) <= limits.messageCodePoints, { error: messages.tooLong });

export const writtenContent = content.refine((text) => !isBlank(text), { error: messages.contentRequired });

/** What is to be seen on a picture, for those who do not see it. */
export const alt = line(limits.altCodePoints, "A description is required");

export const emoji = z
  .string()
  .min(1)
  .transform((text) => text.normalize("NFC"))
  .refine((text) => countCodePoints(text) <= limits.emojiCodePoints && !/\s/.test(text), {
    error: "an emoji or :name:",
  });

/** The host's own data on a message: a flat or shallow object, at most 4 KiB as JSON. */
export const metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => depthOf(value) <= limits.metadataDepth, {
    error: `at most ${limits.metadataDepth} levels`,
    abort: true,
  })
  .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= limits.metadataBytes, {
    error: `at most ${limits.metadataBytes} bytes`,
  });

// The whole payload was bounded in depth before it came here, so this recursion is bounded too.
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner));
  return deepest + 1;
}
