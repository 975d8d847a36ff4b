import { z } from "zod";
import { limits } from "./limits.ts";
import { line } from "./text.ts";

/**
 * What may tell a person something. The first four come from rooms, `invite` from being taken into one; the rest comes
 * from elsewhere in the product, and `app` stands for every kind that a host defines itself (`$name`).
 */
export const triggers = [
  "mention",
  "reply",
  "message",
  "invite",
  "like",
  "follow",
  "document",
  "moderation",
  "system",
  "app",
] as const;
export const triggerSchema = z.enum(triggers);
export type Trigger = z.infer<typeof triggerSchema>;

/** Ways to reach a person. Without `inApp` there is nothing to tell, so it is off with all the others. */
export const channels = ["inApp", "sound", "desktop", "push", "email"] as const;
export const channelSchema = z.enum(channels);
export type Channel = z.infer<typeof channelSchema>;

/** What of a room reaches a person: every message (in rooms of up to 200 people), what is meant for them, or nothing. */
export const roomLevels = ["all", "mentions", "none"] as const;
export const roomLevelSchema = z.enum(roomLevels);
export type RoomLevel = z.infer<typeof roomLevelSchema>;

const minuteOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "a time of day, as 22:30" });
const timeZone = z.string().max(64).refine(isTimeZone, { error: "a time zone, as Europe/Berlin" });

/** Quiet hours: from a time of day to another, over midnight where `to` is the earlier; `days` are those it begins on. */
export const quietHoursSchema = z.object({
  from: minuteOfDay,
  to: minuteOfDay,
  /** 0 is Sunday. */
  days: z.array(z.int().min(0).max(6)).max(7),
  timeZone,
});
export type QuietHours = z.infer<typeof quietHoursSchema>;

/** Do not disturb. `isOn` without `until` lasts until it is switched off; the schedule counts beside it. */
export const doNotDisturbSchema = z.object({
  isOn: z.boolean(),
  until: z.iso.datetime({ offset: true }).optional(),
  schedule: quietHoursSchema.optional(),
});
export type DoNotDisturb = z.infer<typeof doNotDisturbSchema>;

export const channelTableSchema = z.record(triggerSchema, z.record(channelSchema, z.boolean()));
export type ChannelTable = z.infer<typeof channelTableSchema>;

/** Words and phrases that call their person like a mention, as whole words, in upper and lower case. */
export const keywordsSchema = z
  .array(
    line(limits.keywordCodePoints, "Keyword is required").refine((word) => /[\p{L}\p{N}]/u.test(word), {
      error: "a word has a letter or a digit",
    }),
  )
  .max(limits.keywords);

/** How a person wants to be told: a table of triggers and channels, words that call them, and when not at all. */
export const preferencesSchema = z.object({
  channels: channelTableSchema,
  doNotDisturb: doNotDisturbSchema,
  keywords: z.array(z.string()),
});
export type Preferences = z.infer<typeof preferencesSchema>;

/** How a person wants to be told of one room. A mute keeps the record and silences the rest, until `mutedUntil`. */
export const roomPreferencesSchema = z.object({
  roomId: z.string(),
  /** Null: what is usual, `all` in direct conversations and `mentions` elsewhere. */
  level: roomLevelSchema.nullable(),
  mutedUntil: z.string().optional(),
});
export type RoomPreferences = z.infer<typeof roomPreferencesSchema>;

/** Why something did or did not reach a person by one channel; a reader shows them in this order. */
export const reasons = [
  "mentioned",
  "keyword",
  "replied_to",
  "direct",
  "room_level_all",
  "addressed",
  "urgent",
  "feature_off",
  "own_message",
  "deleted",
  "not_called",
  "room_level_mentions",
  "room_level_none",
  "crowd",
  "preference_off",
  "muted",
  "do_not_disturb",
  "rate_limited",
  "not_set_up",
] as const;
export const reasonSchema = z.enum(reasons);
export type Reason = z.infer<typeof reasonSchema>;

/** One message, or comment, as one person would be told of it, by today's preferences. */
export const explanationSchema = z.object({
  messageId: z.string().optional(),
  commentId: z.string().optional(),
  /** The record that was made of it; absent where there is none. */
  notificationId: z.string().optional(),
  /** What would tell this person; null: nothing. */
  trigger: triggerSchema.nullable(),
  channels: z.array(z.object({ channel: channelSchema, isDue: z.boolean(), reasons: z.array(reasonSchema) })),
});
export type Explanation = z.infer<typeof explanationSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
