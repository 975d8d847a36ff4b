import { eventually, requestOk, startMailEndpoint } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestMail, type TestMail } from "./open-test-mail.ts";

let world: TestMail;
beforeAll(async () => {
  world = await openTestMail();
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const minute = 60_000;
const tell = (name: string, content: string) =>
  world.server.running.sendNotification(name, { title: "Host", content, urgent: true });
const attemptsOf = async (name: string) => (await world.listDue(name)).map(({ attempts }) => attempts);

test("[NOTE-23] what the server cannot take now is tried again, later each time, under the same Message-ID", async () => {
  const bea = await world.makePerson();
  await world.leave(bea);
  let failures = 0;
  world.post.onMail = () => (failures++ < 2 ? { code: 451, text: "greylisted" } : undefined);
  await tell(bea.name, "again");
  await eventually(async () => expect(await attemptsOf(bea.name)).toEqual([1]));
  await world.pass(5_000);
  expect(world.mailsTo(bea)).toHaveLength(1);
  await world.pass(15_000);
  await eventually(async () => expect(await attemptsOf(bea.name)).toEqual([2]));
  await world.pass(30_000);
  expect(world.mailsTo(bea)).toHaveLength(2);
  await world.pass(40_000);
  await world.settled(bea.name);
  expect(new Set(world.mailsTo(bea).map(({ headers }) => headers["message-id"])).size).toBe(1);
  expect(world.mailsTo(bea)).toHaveLength(3);
});

test("[NOTE-23] an address that refuses three mails for good is shown as failing, and works again once it is confirmed anew", async () => {
  const bea = await world.makePerson();
  const answer = { code: 550, text: "no such user" };
  let isThere = false;
  world.post.onRecipient = (address) => (address === bea.email && !isThere ? answer : undefined);
  const state = () => requestOk(bea.socket, "get_email", {});
  const fail = async (text: string) => {
    await requestOk(bea.socket, "presence_update", { status: "away", automatic: true });
    await tell(bea.name, text);
    await world.settled(bea.name);
  };
  await fail("one");
  await fail("two");
  isThere = true;
  await fail("makes up for both");
  isThere = false;
  await fail("one");
  await fail("two");
  expect(await state()).toMatchObject({ state: "confirmed", email: bea.email });
  await fail("three");
  expect(await state()).toMatchObject({
    state: "failing",
    email: bea.email,
    lastError: expect.stringContaining("550"),
  });
  isThere = true;
  await tell(bea.name, "nobody is asked");
  expect(await world.listDue(bea.name)).toEqual([]);

  await requestOk(bea.socket, "set_email", { email: bea.email });
  await world.settled(bea.name);
  const link = /https:\S+/.exec(world.mailsTo(bea).at(-1)?.text ?? "")?.[0] ?? "";
  await fetch(link.replace("https://chat.example/app", world.server.url), { method: "POST" });
  expect(await state()).toMatchObject({ state: "confirmed", email: bea.email });
});

test("[NOTE-23] while nothing can be sent nothing is lost and nobody's address suffers, however long it takes", async () => {
  const bea = await world.makePerson();
  await world.leave(bea);
  const { target } = world.post;
  const closed = await restartable();
  await tell(bea.name, "patience");
  // Far longer than what one mail is tried for.
  for (let tries = 1; tries <= 10; tries++) {
    await world.pass(80 * minute);
    await eventually(async () => expect((await attemptsOf(bea.name))[0]).toBeGreaterThanOrEqual(tries));
  }
  const again = await closed();
  expect(again.target).toBe(target);
  await world.pass(80 * minute);
  await eventually(() => again.received.length > 0);
  await world.settled(bea.name);
  expect(again.received.map(({ to }) => to)).toEqual([bea.email]);
  const back = await world.server.connect(bea.name);
  expect(await requestOk(back, "get_email", {})).toMatchObject({ state: "confirmed" });
  await again.close();
});

/** Stops the mail server; what it gives starts one in its place. */
async function restartable() {
  const port = Number(world.post.target.split(":")[1]);
  await world.post.close();
  return () => startMailEndpoint({ port });
}
