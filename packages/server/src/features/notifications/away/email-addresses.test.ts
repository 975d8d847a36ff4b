import { eventually, request, requestOk, startTestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestMail, type TestMail } from "./open-test-mail.ts";

let world: TestMail;
let personCount = 0;
beforeAll(async () => {
  world = await openTestMail();
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const day = 24 * 60 * 60_000;
const linkTo = async (email: string, count = 1) => {
  await eventually(async () => {
    await world.pass(100);
    return world.mailsTo({ email }).length >= count;
  });
  const link = /https:\S+/.exec(world.mailsTo({ email })[count - 1]?.text ?? "")?.[0] ?? "";
  return link.replace("https://chat.example/app", world.server.url);
};
const readState = async (socket: TestSocket) => {
  const { ok: _, ...state } = { ok: true, ...(await requestOk(socket, "get_email", {})) };
  return state;
};
const press = async (url: string) => (await fetch(url, { method: "POST" })).status;
const open = async (url: string) => (await fetch(url)).status;
async function makePerson(claims: { email?: string; email_verified?: boolean } = {}) {
  const name = `cid${++personCount}`;
  const socket = await world.server.connect({ userId: name, username: name, ...claims });
  return { name, socket, email: `${name}@example.com` };
}

test("[NOTE-21] an address counts once its link was pressed, not opened: once, for a day, and the old one until then", async () => {
  const { socket, email } = await makePerson();
  const state = () => readState(socket);
  expect(await state()).toEqual({ isAvailable: true, state: "none" });
  const waiting = { isAvailable: true, state: "waiting", waitingEmail: email };
  expect(await requestOk(socket, "set_email", { email: ` ${email} ` })).toMatchObject(waiting);
  const link = await linkTo(email);
  expect([await open(link), await open(link)]).toEqual([200, 200]);
  expect(await state()).toEqual(waiting);
  expect([await press(link), await press(link), await open(link)]).toEqual([200, 410, 410]);
  expect(await state()).toEqual({ isAvailable: true, state: "confirmed", email });

  const second = `new-${email}`;
  await requestOk(socket, "set_email", { email: second });
  const superseded = await linkTo(second);
  await requestOk(socket, "set_email", { email: second });
  const late = await linkTo(second, 2);
  expect([await open(superseded), await press(superseded)]).toEqual([410, 410]);
  expect(await state()).toMatchObject({ state: "confirmed", email, waitingEmail: second });
  await world.pass(day + 1);
  expect([await open(late), await press(late)]).toEqual([410, 410]);
  expect(await state()).toEqual({ isAvailable: true, state: "confirmed", email });

  await requestOk(socket, "remove_email", {});
  expect(await state()).toEqual({ isAvailable: true, state: "none" });
});

test("[NOTE-21] what is answered is the same for every address, also for one that gets no more links", async () => {
  const one = await makePerson();
  const two = await makePerson();
  const email = `shared${personCount}@example.com`;
  world.post.onRecipient = () => ({ code: 550, text: "no such user" });
  const nobody = await requestOk(one.socket, "set_email", { email: `nobody${personCount}@example.com` });
  await world.settled(one.name);
  expect(await requestOk(one.socket, "get_email", {})).toEqual(nobody);
  world.reset();
  await requestOk(one.socket, "set_email", { email });
  await press(await linkTo(email));
  for (let asked = 0; asked < 4; asked++) {
    const answer = await requestOk(two.socket, "set_email", { email });
    expect(answer).toEqual({ ...nobody, waitingEmail: email });
  }
  await world.settled(two.name);
  // One for the first of them, and two until the hour is over.
  expect(world.mailsTo({ email }).length).toBeLessThanOrEqual(3);
  expect(await requestOk(one.socket, "get_email", {})).toMatchObject({ state: "confirmed", email });
  for (const bad of ["", "a@b", "a@b.example\r\nBcc: c@d.example", "<a@b.example>", `${"a".repeat(250)}@b.example`]) {
    expect([bad, await request(two.socket, "set_email", { email: bad })]).toMatchObject([
      bad,
      { error: { code: "bad_request" } },
    ]);
  }
});

test("[NOTE-21] a confirmed address of a host's token counts, an unconfirmed one does not, and who chose keeps to that", async () => {
  const named = await makePerson({ email: "dora@host.example", email_verified: true });
  const unsure = await makePerson({ email: "eve@host.example", email_verified: false });
  const stateOf = (person: { socket: TestSocket }) => readState(person.socket);
  await eventually(async () => expect(await stateOf(named)).toMatchObject({ email: "dora@host.example" }));
  expect(await stateOf(unsure)).toEqual({ isAvailable: true, state: "none" });
  const returnWith = async (email: string) => {
    const claims = { userId: named.name, username: named.name, email, email_verified: true };
    named.socket.disconnect();
    named.socket = await world.server.connect(claims);
  };
  await returnWith("dora@new.example");
  await eventually(async () => expect(await stateOf(named)).toMatchObject({ email: "dora@new.example" }));
  await requestOk(named.socket, "remove_email", {});
  await returnWith("dora@third.example");
  // A person who came later was learnt of: so would she have been.
  const other = await makePerson({ email: "fay@host.example", email_verified: true });
  await eventually(async () => expect(await stateOf(other)).toMatchObject({ state: "confirmed" }));
  expect(await stateOf(named)).toEqual({ isAvailable: true, state: "none" });
});

test("[NOTE-21] guests get no mail, nor does anybody where no mail is set up", async () => {
  const guest = await world.server.connect({ userId: "guest1", username: "Guest", isGuest: true });
  expect(await readState(guest)).toEqual({ isAvailable: false, state: "none" });
  expect(await request(guest, "set_email", { email: "g@example.com" })).toMatchObject({ error: { code: "forbidden" } });
  const plain = await startTestServer();
  const socket = await plain.connect("ann");
  expect(await readState(socket)).toEqual({ isAvailable: false, state: "none" });
  expect(await request(socket, "set_email", { email: "a@example.com" })).toMatchObject({ error: { code: "disabled" } });
  expect(await requestOk(socket, "remove_email", {})).toMatchObject({ isAvailable: false, state: "none" });
  await plain.close();
});
