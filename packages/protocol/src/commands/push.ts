import { z } from "zod";
import { command } from "../command.ts";
import { limits } from "../limits.ts";
import { line } from "../text.ts";

/** Where a browser's push service takes what is meant for it: an address that only this browser and we know. */
const endpoint = z
  .url({ protocol: /^https?$/, error: "an address, as a browser's push subscription has it" })
  .max(2_048);
/** Base64 without padding, in the alphabet of addresses. */
const key = (bytes: number) =>
  z
    .string()
    .regex(/^[\w-]+$/, { error: "base64url" })
    .length(Math.ceil((bytes * 4) / 3), { error: `${bytes} bytes as base64url` });

const deviceSchema = z.object({
  endpoint: z.string(),
  label: z.string().optional(),
  /** When its push service last took something, ISO 8601, UTC. */
  lastSuccessAt: z.string().optional(),
  /** Why it last did not; gone with the next success. */
  lastError: z.string().optional(),
});

/** Devices that are told by web push (RFC 8030, 8291, 8292) while nobody sits at the app. */
export const pushCommands = {
  get_push_key: command({
    summary: "Answers the key that a browser subscribes to push with: `applicationServerKey`, base64url.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: z.object({ publicKey: z.string() }),
    errors: [],
    limit: "history",
  }),
  add_push_device: command({
    summary: "Tells the caller on this device, too; of more than 16 the one that was added first goes.",
    feature: "notifications",
    since: 1,
    input: z.object({
      endpoint,
      keys: z.object({ p256dh: key(65), auth: key(16) }),
      /** What the person knows the device by. */
      label: line(limits.pushLabelCodePoints, "Label is required").optional(),
    }),
    reply: z.object({}),
    errors: ["conflict"],
    limit: "notifications",
  }),
  remove_push_device: command({
    summary: "Ends what `add_push_device` began; a device that is not there is no error.",
    feature: "notifications",
    since: 1,
    input: z.object({ endpoint }),
    reply: z.object({}),
    errors: [],
    limit: "notifications",
  }),
  list_push_devices: command({
    summary: "Reads the caller's devices, oldest first, and how the last push to each went.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: z.object({ devices: z.array(deviceSchema) }),
    errors: [],
    limit: "history",
  }),
  test_push: command({
    summary: "Sends a real push to each of the caller's devices, and answers what became of it.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: z.object({
      devices: z.array(z.object({ endpoint: z.string(), isOk: z.boolean(), error: z.string().optional() })),
    }),
    errors: [],
    limit: "push_test",
  }),
};

/**
 * What a push holds, as JSON: something to show, in place of whatever has the same `tag`, or a tag to close, because it was
 * read elsewhere. `url` is where it happened, within the app; `unreadCount` is for the badge.
 */
export type PushPayload =
  | { title: string; body: string; url: string; tag: string; unreadCount: number }
  | { close: string; unreadCount: number };
