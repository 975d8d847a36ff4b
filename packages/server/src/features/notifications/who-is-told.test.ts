import { type Channel, channels, type Reason, type RoomLevel, type Trigger, triggers } from "@mirage/protocol";
import { describe, expect, test } from "vitest";
import { toPreferences } from "../../access/preferences.ts";
import { alertsOf, decide, isQuiet, type Moment, type Recipient, undecided } from "./who-is-told.ts";

const nowMs = Date.UTC(2026, 0, 7, 12);
const moment: Moment = { nowMs, takeTurn: () => true, isSetUp: () => true };
type Room = NonNullable<Recipient["room"]>;

const roomOf = (room: Partial<Room> = {}): Room => ({
  isDirect: false,
  isCrowd: false,
  level: null,
  mutedUntilMs: undefined,
  ...room,
});

const recipientOf = (trigger: Trigger, room?: Room, more: Partial<Recipient> = {}): Recipient => ({
  triggers: [trigger],
  preferences: toPreferences(null),
  ...(room ? { room } : {}),
  isDnd: false,
  isUrgent: false,
  ...more,
});

/** Channels that are due; null where nothing is told at all. */
function due(recipient: Recipient, at: Moment = moment): Channel[] | null {
  const decision = decide(recipient, at);
  if (!decision.trigger) return null;
  return decision.channels.filter(({ isDue }) => isDue).map(({ channel }) => channel);
}

function reasonsOf(recipient: Recipient, channel: Channel, at: Moment = moment): Reason[] | undefined {
  return decide(recipient, at).channels.find((one) => one.channel === channel)?.reasons;
}

describe("[NOTE-7] level of the room × what happens in it", () => {
  const table: [level: RoomLevel | null, isDirect: boolean, trigger: Trigger, Reason | "told"][] = [
    [null, false, "mention", "told"],
    [null, false, "reply", "told"],
    [null, false, "message", "room_level_mentions"],
    [null, true, "message", "told"],
    [null, true, "mention", "told"],
    ["all", false, "message", "told"],
    ["mentions", true, "message", "room_level_mentions"],
    ["mentions", false, "mention", "told"],
    ["mentions", false, "reply", "told"],
    ["none", false, "mention", "room_level_none"],
    ["none", false, "reply", "room_level_none"],
    ["none", true, "message", "room_level_none"],
  ];
  test.each(table)("[NOTE-7] level %s, direct %s, %s: %s", (...[level, isDirect, trigger, expected]) => {
    const recipient = recipientOf(trigger, roomOf({ level, isDirect }));
    expect(due(recipient) === null).toBe(expected !== "told");
    if (expected !== "told") for (const channel of channels) expect(reasonsOf(recipient, channel)).toEqual([expected]);
  });

  test("[NOTE-7] in a crowd no message is told of as such, a mention is", () => {
    const crowd = roomOf({ level: "all", isCrowd: true });
    expect(reasonsOf(recipientOf("message", crowd), "inApp")).toEqual(["crowd"]);
    expect(due(recipientOf("mention", crowd))).toContain("inApp");
  });
});

describe("[NOTE-7] what keeps the record and takes the noise", () => {
  const quiet = toPreferences({ doNotDisturb: { isOn: true } });
  test.each(["mention", "reply", "message"] as const)(
    "[NOTE-7] a mute silences a %s, urgent or not, until it ends",
    (trigger) => {
      const muted = roomOf({ level: "all", mutedUntilMs: nowMs + 1 });
      expect(due(recipientOf(trigger, muted))).toEqual(["inApp"]);
      expect(due(recipientOf(trigger, muted, { isUrgent: true }))).toEqual(["inApp"]);
      expect(reasonsOf(recipientOf(trigger, muted), "sound")).toEqual(["muted"]);
      expect(due(recipientOf(trigger, roomOf({ level: "all", mutedUntilMs: nowMs })))).toContain("sound");
    },
  );

  test.each(triggers)(
    "[NOTE-7] do-not-disturb silences %s, by setting or by presence, and urgent passes it",
    (trigger) => {
      const room = roomOf({ level: "all" });
      const usual = due(recipientOf(trigger, room));
      for (const silence of [{ preferences: quiet }, { isDnd: true }]) {
        expect(due(recipientOf(trigger, room, silence))).toEqual(["inApp"]);
        expect(due(recipientOf(trigger, room, { ...silence, isUrgent: true }))).toEqual(usual);
      }
    },
  );

  test("[NOTE-10] too many in a minute are silent, urgent ones never, and a silent one takes no turn", () => {
    let turns = 0;
    const busy: Moment = { ...moment, takeTurn: () => ++turns < 0 };
    expect(due(recipientOf("mention"), busy)).toEqual(["inApp"]);
    expect(reasonsOf(recipientOf("mention"), "push", busy)).toEqual(["rate_limited"]);
    expect(turns).toBe(2);
    expect(due(recipientOf("mention", undefined, { isUrgent: true }), busy)).toContain("sound");
    due(recipientOf("mention", undefined, { isDnd: true }), busy);
    due(recipientOf("like"), busy);
    expect(turns).toBe(2);
  });

  test("[NOTE-7] a channel that is off, or not set up, is not due, and all that stands against it is named", () => {
    const preferences = toPreferences({ "mention.push": false });
    const at: Moment = { ...moment, isSetUp: (channel) => channel !== "push" && channel !== "email" };
    const recipient = recipientOf("mention", roomOf({ mutedUntilMs: nowMs + 1 }), { preferences, isDnd: true });
    expect(reasonsOf(recipient, "push", at)).toEqual(["preference_off", "muted", "do_not_disturb", "not_set_up"]);
    expect(due(recipientOf("mention"), at)).toEqual(["inApp", "sound", "desktop"]);
  });
});

test("[NOTE-7] without the list there is nothing, and the next best cause is taken instead", () => {
  const preferences = toPreferences({ "mention.inApp": false });
  const direct = roomOf({ isDirect: true });
  expect(due(recipientOf("mention", roomOf(), { preferences }))).toBeNull();
  const both = recipientOf("mention", direct, { preferences, triggers: ["mention", "message"] });
  expect(decide(both, moment).trigger).toBe("message");
  expect(decide(recipientOf("mention", roomOf(), { triggers: [] }), moment)).toEqual(undecided(["not_called"]));
});

test("[NOTE-7] only what may be heard or shown travels with the notification", () => {
  expect(alertsOf(decide(recipientOf("mention"), moment))).toEqual(["sound", "desktop"]);
  expect(alertsOf(decide(recipientOf("like"), moment))).toEqual([]);
  expect(alertsOf(undecided(["own_message"]))).toEqual([]);
});

describe("[NOTE-7] when somebody is not to be disturbed", () => {
  const at = (text: string) => Date.parse(text);
  const night = { from: "22:00", to: "07:00", days: [1, 2, 3, 4, 5], timeZone: "Europe/Berlin" };
  const table: [string, boolean][] = [
    // Berlin is an hour ahead of UTC in winter, two in summer; 2026-01-05 and 2026-07-06 are Mondays.
    ["2026-01-05T20:59:59Z", false],
    ["2026-01-05T21:00:00Z", true],
    ["2026-01-06T05:59:59Z", true],
    ["2026-01-06T06:00:00Z", false],
    ["2026-07-06T20:00:00Z", true],
    ["2026-07-07T05:00:00Z", false],
    ["2026-01-05T03:00:00Z", false],
    ["2026-01-10T03:00:00Z", true],
    ["2026-01-10T22:00:00Z", false],
  ];
  test.each(table)("[NOTE-7] nights of working days, at %s: %s", (instant, expected) => {
    expect(isQuiet({ isOn: false, schedule: night }, at(instant))).toBe(expected);
  });

  test("[NOTE-7] by hand it lasts until its end, or until it is switched off", () => {
    expect(isQuiet({ isOn: true }, nowMs)).toBe(true);
    expect(isQuiet({ isOn: true, until: new Date(nowMs + 1).toISOString() }, nowMs)).toBe(true);
    expect(isQuiet({ isOn: true, until: new Date(nowMs).toISOString() }, nowMs)).toBe(false);
    expect(isQuiet({ isOn: false }, nowMs)).toBe(false);
  });
});
