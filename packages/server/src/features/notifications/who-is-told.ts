/**
 * Who is told of what, and by which channels: the one place that decides it. Pure; it answers with its reasons, so that a
 * person can be shown why something did or did not reach them.
 *
 *     level of the room ─▶ mentions and replies, or every message too, or nothing
 *     table of triggers and channels ─▶ which channels; without `inApp` nothing at all
 *     mute, do not disturb, rate ─▶ the record stays, everything louder is left out; urgent passes do not disturb
 */
import {
  type Channel,
  channels,
  type DoNotDisturb,
  type Preferences,
  type QuietHours,
  type Reason,
  type RoomLevel,
  type Trigger,
} from "@mirage/protocol";
import type { Alert } from "../../hot-path/chat-lane/notices.ts";

/** What of a cause concerns somebody. A word that they listen for counts as a mention. */
export type Concern = Trigger | "keyword";

const triggerOf = (concern: Concern): Trigger => (concern === "keyword" ? "mention" : concern);

/** How one person stands to one cause. Instants are milliseconds since 1970. */
export interface Recipient {
  /** What of the cause concerns this person, the strongest first. */
  triggers: readonly Concern[];
  preferences: Preferences;
  /** Of the room it happens in; absent where it happens in none. */
  room?: { isDirect: boolean; isCrowd: boolean; level: RoomLevel | null; mutedUntilMs: number | undefined };
  /** Their presence says that they are not to be disturbed. */
  isDnd: boolean;
  isUrgent: boolean;
}

/** What the world allows at this moment. */
export interface Moment {
  nowMs: number;
  /** Takes one of the person's louder notifications of this minute; false: there have been enough. Asked when due. */
  takeTurn: () => boolean;
  /** Channels that this server can serve for this person. */
  isSetUp: (channel: Channel) => boolean;
}

export interface ChannelDecision {
  channel: Channel;
  isDue: boolean;
  /** For and against, never empty. */
  reasons: Reason[];
}

export interface Decision {
  /** What tells this person; undefined: nothing does. */
  trigger: Trigger | undefined;
  /** Whether it is by a word of theirs alone. */
  isByKeyword?: boolean;
  channels: ChannelDecision[];
}

/** Decides for one person. */
export function decide(recipient: Recipient, moment: Moment): Decision {
  const refusals: Reason[] = [];
  for (const concern of recipient.triggers) {
    const trigger = triggerOf(concern);
    const refusal = refusalOf(trigger, recipient);
    if (refusal === undefined) {
      const channels = channelsOf(concern, recipient, moment);
      return { trigger, ...(concern === "keyword" ? { isByKeyword: true } : {}), channels };
    }
    if (!refusals.includes(refusal)) refusals.push(refusal);
  }
  return undecided(refusals.length > 0 ? refusals : ["not_called"]);
}

/** Nothing is told, for these reasons. */
export function undecided(reasons: Reason[]): Decision {
  return { trigger: undefined, channels: channels.map((channel) => ({ channel, isDue: false, reasons })) };
}

/** What of a decision travels with the notification. */
export function alertsOf(decision: Decision): Alert[] {
  const due = decision.channels.filter(({ isDue }) => isDue).map(({ channel }) => channel);
  return (["sound", "desktop"] as const).filter((alert) => due.includes(alert));
}

/** Whether somebody is not to be disturbed now. */
export function isQuiet({ isOn, until, schedule }: DoNotDisturb, nowMs: number): boolean {
  if (isOn && (until === undefined || nowMs < Date.parse(until))) return true;
  return schedule !== undefined && isWithin(schedule, nowMs);
}

/** Why a trigger tells nothing at all. */
function refusalOf(trigger: Trigger, { preferences, room }: Recipient): Reason | undefined {
  const level = room && (room.level ?? (room.isDirect ? "all" : "mentions"));
  if (level === "none") return "room_level_none";
  if (trigger === "message" && level === "mentions") return "room_level_mentions";
  if (trigger === "message" && room?.isCrowd) return "crowd";
  return preferences.channels[trigger].inApp ? undefined : "preference_off";
}

function channelsOf(concern: Concern, recipient: Recipient, moment: Moment): ChannelDecision[] {
  const { preferences } = recipient;
  const trigger = triggerOf(concern);
  const causes = causesOf(concern, recipient);
  const silences = silencesOf(trigger, recipient, moment.nowMs);
  let hasTurn: boolean | undefined;
  return channels.map((channel) => {
    if (channel === "inApp") return { channel, isDue: true, reasons: causes };
    const against: Reason[] = [...silences];
    if (!preferences.channels[trigger][channel]) against.unshift("preference_off");
    if (!moment.isSetUp(channel)) against.push("not_set_up");
    if (against.length > 0) return { channel, isDue: false, reasons: against };
    hasTurn ??= recipient.isUrgent || moment.takeTurn();
    return { channel, isDue: hasTurn, reasons: hasTurn ? causes : ["rate_limited"] };
  });
}

function causesOf(concern: Concern, { room, isUrgent }: Recipient): Reason[] {
  const causes: Partial<Record<Concern, Reason>> = {
    keyword: "keyword",
    mention: "mentioned",
    reply: "replied_to",
    message: room?.isDirect ? "direct" : "room_level_all",
  };
  return [causes[concern] ?? "addressed", ...(isUrgent ? (["urgent"] as const) : [])];
}

function silencesOf(trigger: Trigger, recipient: Recipient, nowMs: number): Reason[] {
  const { room, preferences, isDnd, isUrgent } = recipient;
  const silences: Reason[] = [];
  if (trigger !== "invite" && nowMs < (room?.mutedUntilMs ?? 0)) silences.push("muted");
  if (!isUrgent && (isDnd || isQuiet(preferences.doNotDisturb, nowMs))) silences.push("do_not_disturb");
  return silences;
}

const dayMinutes = 24 * 60;

/** Whether an instant lies in quiet hours that began today or yesterday, by the clock on the person's wall. */
function isWithin({ from, to, days, timeZone }: QuietHours, nowMs: number): boolean {
  const { day, minute } = wallTime(timeZone, nowMs);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const lasts = end > start ? end - start : end - start + dayMinutes;
  const sinceToday = minute - start;
  const isToday = sinceToday >= 0 && sinceToday < lasts && days.includes(day);
  return isToday || (sinceToday + dayMinutes < lasts && days.includes((day + 6) % 7));
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const maxFormats = 1_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function wallTime(timeZone: string, nowMs: number): { day: number; minute: number } {
  // Making a format costs a thousand times its use. A zone may be written in upper and lower case, in a million ways.
  if (formats.size >= maxFormats) formats.clear();
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const minute = minutesOf(`${parts.get("hour")}:${parts.get("minute")}`);
  return { day: weekdays.indexOf(parts.get("weekday") ?? ""), minute };
}
