import { type Inbox, request, requestOk, type TestServer, type TestSocket } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestTeam } from "./open-test-team.ts";

const clock = new FakeClock();
let team: Awaited<ReturnType<typeof openTestTeam>>;
let server: TestServer;
let olga: TestSocket;
let roomId: string;
beforeAll(async () => {
  team = await openTestTeam({ clock, settings: { notificationsPerMinute: 2 } });
  ({ server, olga, roomId } = team);
});
afterAll(() => server?.close());

const openPerson = () => team.openPerson();
const mention = async (name: string) => (await team.mention(name)).id;
const channelsTold = async (inbox: Inbox) => (await inbox.take("notification")).map(({ channels }) => channels);

test("[NOTE-9] what is left out of a change stays, all devices hear the whole, and the same again is no change", async () => {
  const { desk, phone } = await openPerson();
  const change = { channels: { mention: { sound: false } } };
  await requestOk(desk.socket, "set_preferences", change);
  const schedule = { from: "22:00", to: "07:00", days: [0, 1], timeZone: "Europe/Berlin" };
  await requestOk(desk.socket, "set_preferences", { doNotDisturb: { isOn: false, schedule } });
  await requestOk(desk.socket, "set_preferences", change);
  const { preferences } = await requestOk(phone.socket, "get_preferences", {});
  expect(preferences.channels.mention).toEqual({ inApp: true, sound: false, desktop: true, push: true, email: true });
  expect(preferences.doNotDisturb).toEqual({ isOn: false, schedule });
  const heard = await phone.take("preferences_updated");
  expect(heard).toHaveLength(2);
  expect(heard.at(-1)?.preferences).toEqual(preferences);
  for (const wrong of [{ timeZone: "Nowhere/At_all" }, { from: "25:00" }]) {
    const doNotDisturb = { isOn: false, schedule: { ...schedule, ...wrong } };
    expect((await request(desk.socket, "set_preferences", { doNotDisturb })).ok).toBe(false);
  }
});

test("[NOTE-9] a room has its own level and mute; only its members set them", async () => {
  const { desk, phone } = await openPerson();
  const mutedUntil = new Date(clock.now() + 3_600_000).toISOString();
  const { room } = await requestOk(desk.socket, "set_room_preferences", { roomId, mutedUntil });
  expect(room).toEqual({ roomId, level: null, mutedUntil });
  await requestOk(desk.socket, "set_room_preferences", { roomId, level: "none" });
  const heard = await phone.take("room_preferences_updated");
  expect(heard.map(({ level, mutedUntil }) => ({ level, mutedUntil }))).toEqual([
    { level: null, mutedUntil },
    { level: "none", mutedUntil },
  ]);
  expect((await requestOk(desk.socket, "get_preferences", {})).rooms).toEqual([{ roomId, level: "none", mutedUntil }]);
  await requestOk(desk.socket, "set_room_preferences", { roomId, level: null, mutedUntil: null });
  expect((await requestOk(desk.socket, "get_preferences", {})).rooms).toEqual([]);
  const stranger = await server.connect("stranger");
  const refused = await request(stranger, "set_room_preferences", { roomId, level: "all" });
  expect(refused).toMatchObject({ ok: false, error: { code: "not_found" } });
});

test("[NOTE-7] a mute and do-not-disturb keep the record and take the noise; level none keeps nothing", async () => {
  const { name, desk } = await openPerson();
  await requestOk(desk.socket, "set_room_preferences", {
    roomId,
    mutedUntil: new Date(clock.now() + 60_000).toISOString(),
  });
  await mention(name);
  expect(await channelsTold(desk)).toEqual([{ sound: false, desktop: false }]);
  clock.advance(60_001);
  await mention(name);
  expect(await channelsTold(desk)).toEqual([{ sound: true, desktop: true }]);
  const until = new Date(clock.now() + 1_000).toISOString();
  await requestOk(desk.socket, "set_preferences", { doNotDisturb: { isOn: true, until } });
  await mention(name);
  expect(await channelsTold(desk)).toEqual([{ sound: false, desktop: false }]);
  clock.advance(1_001);
  await requestOk(desk.socket, "set_room_preferences", { roomId, level: "none" });
  await mention(name);
  await desk.settle();
  expect(desk.of("mention")).toHaveLength(1);
  expect(desk.of("notification")).toEqual([]);
  expect((await requestOk(desk.socket, "get_notifications", {})).notifications).toHaveLength(3);
});

test("[NOTE-10] more than the limit of a minute are told without a sound", async () => {
  const { name, desk } = await openPerson();
  for (let count = 0; count < 3; count++) await mention(name);
  const loud = { sound: true, desktop: true };
  expect(await channelsTold(desk)).toEqual([loud, loud, { sound: false, desktop: false }]);
  clock.advance(60_000);
  await mention(name);
  expect(await channelsTold(desk)).toEqual([loud]);
});

test("[NOTE-10] what goes on in a room that somebody has left takes none of their loud ones", async () => {
  const { name, desk } = await openPerson();
  const left = (await requestOk(olga, "create_room", { name: "Left", type: "private" })).room.id;
  await requestOk(olga, "add_member", { roomId: left, userId: name });
  await requestOk(desk.socket, "set_room_preferences", { roomId: left, level: "all" });
  const { message } = await requestOk(desk.socket, "chat_message", { roomId: left, content: "bye" });
  await requestOk(desk.socket, "remove_member", { roomId: left, userId: name });
  clock.advance(60_000);
  (await desk.settle()).clear();
  for (let count = 0; count < 3; count++)
    await requestOk(olga, "chat_message", { roomId: left, content: "still here", replyTo: message.id });
  await mention(name);
  expect(await channelsTold(desk)).toEqual([{ sound: true, desktop: true }]);
});

test("[NOTE-8] why one was or was not told can be asked, channel by channel", async () => {
  const { name, desk } = await openPerson();
  const explain = async (messageId: string) => {
    const { channels, ...rest } = await requestOk(desk.socket, "explain_notification", { messageId });
    return { ...rest, reasons: Object.fromEntries(channels.map((one) => [one.channel, one.reasons])) };
  };
  const told = await mention(name);
  const { notifications } = await requestOk(desk.socket, "get_notifications", {});
  expect(await explain(told)).toMatchObject({
    trigger: "mention",
    notificationId: notifications[0]?.id,
    reasons: { inApp: ["mentioned"], sound: ["mentioned"], push: ["not_set_up"] },
  });
  await requestOk(desk.socket, "set_preferences", {
    channels: { mention: { desktop: false } },
    doNotDisturb: { isOn: true },
  });
  expect((await explain(told)).reasons).toMatchObject({
    inApp: ["mentioned"],
    sound: ["do_not_disturb"],
    desktop: ["preference_off", "do_not_disturb"],
  });
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "to nobody" });
  expect(await explain(message.id)).toMatchObject({ trigger: null, reasons: { inApp: ["room_level_mentions"] } });
  const { message: own } = await requestOk(desk.socket, "chat_message", { roomId, content: "mine" });
  expect(await explain(own.id)).toMatchObject({ trigger: null, reasons: { email: ["own_message"] } });
  await requestOk(olga, "delete_message", { messageId: told });
  expect(await explain(told)).toMatchObject({ trigger: null, reasons: { inApp: ["deleted"] } });
  const stranger = await server.connect("stranger");
  expect(await request(stranger, "explain_notification", { messageId: told })).toMatchObject({
    error: { code: "not_found" },
  });
});
