import { limits } from "@mirage/protocol";
import { eventually, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bystander, openBystander, undisturbed } from "./bystander.ts";
import { connectRawLink, openRawLink, type RawLink } from "./raw-link.ts";

let it: TestServer;
let link: RawLink;
let bystander: Bystander;
beforeAll(async () => {
  it = await startTestServer({ settings: { logLevel: "silent" } });
});
afterAll(() => it.close());
beforeEach(async () => {
  bystander = await openBystander(it, "bystander");
  link = await connectRawLink(it.port, it.signToken({ userId: "mallory", username: "mallory" }));
});
afterEach(async () => {
  link.socket.terminate();
  expect(await bystander.leave()).toEqual(undisturbed);
});

const many = (count: number, item: string) => `[${Array(count).fill(item).join()}]`;
const eventOf = (args: string) => args.replace("[", '["chat_message",');
const placeholder = '{"_placeholder":true,"num":0}';

describe("[S24] [S25] [S29] [S30] packets that end their own link alone", () => {
  const bombs: Record<string, (string | Buffer)[]> = {
    "an event with 60,000 arguments": [`2${eventOf(many(60_000, "0"))}`],
    "an event that asks for an answer, with 60,000 arguments": [`27${eventOf(many(60_000, "0"))}`],
    "an answer with 60,000 arguments": [`37${many(60_000, "0")}`],
    "an answer nobody waits for": ["30[]"],
    "an attachment named 5,000 times": [`51-${eventOf(many(5_000, placeholder))}`, Buffer.alloc(100_000)],
    "an attachment with a number out of range": [`51-["chat_message",{"_placeholder":true,"num":9}]`, Buffer.alloc(9)],
    "an attachment with a negative number": [`51-["chat_message",{"_placeholder":true,"num":-1}]`, Buffer.alloc(9)],
    "an attachment with a name for a number": [`51-["x",{"_placeholder":true,"num":"length"}]`, Buffer.alloc(9)],
    "999,999 attachments": ['5999999-["chat_message"]'],
    "an event of no attachments and then bytes": ['50-["chat_message"]', Buffer.alloc(100_000)],
    "bytes out of nowhere": [Buffer.alloc(400_000)],
    "no name": ["2[]", "2{}", '2"x"', "2"],
    "a name that is an object": ['2[{"toString":1},{}]'],
    "a second CONNECT": ["0"],
    "a CONNECT of 64 KB": [`0{"token":"${"x".repeat(65_536)}"}`],
    "a CONNECT error": ['4{"message":"x"}'],
    "an event of a namespace that does not exist": ['2/admin,["chat_message",{}]'],
    "an id beyond all numbers": [`2${"9".repeat(400)}["chat_message",{}]`, "9"],
    "a packet of no type": ["x"],
    "broken JSON": ['2["chat_message",{"roomId":'],
    "a frame over the bound": [`2["chat_message",{"content":"${"x".repeat(limits.frameBytes)}"}]`],
  };
  for (const [title, packets] of Object.entries(bombs)) {
    test(title, async () => {
      for (const packet of packets) {
        if (typeof packet === "string") link.send(packet);
        else link.socket.send(packet);
      }
      await eventually(() => link.isClosed());
    });
  }
});

test("[S32] bytes where text belongs are answered, with an acknowledgement and without", async () => {
  const socket = await it.connect("mallory");
  const untyped = socket as unknown as {
    emit(event: string, input: unknown): void;
    emitWithAck(event: string, input: unknown): Promise<unknown>;
  };
  const refused = { ok: false, error: { code: "bad_request" } };
  expect(await untyped.emitWithAck("chat_message", { roomId: "general", content: Buffer.from("x") })).toMatchObject(
    refused,
  );
  expect(await untyped.emitWithAck("join_room", new Uint8Array(3))).toMatchObject(refused);
  expect(await untyped.emitWithAck("nope", { a: Buffer.from("x") })).toMatchObject(refused);
  const large = await untyped.emitWithAck("chat_message", { roomId: "general", content: Buffer.alloc(70_000) });
  expect(large).toMatchObject({ ok: false, error: { code: "too_large" } });
  const errors: unknown[] = [];
  socket.on("error", (error) => errors.push(error));
  untyped.emit("chat_message", { roomId: "general", content: "x", metadata: { a: Buffer.from("x") } });
  await eventually(() => expect(errors).toMatchObject([{ code: "bad_request", event: "chat_message" }]));
  expect(socket.connected).toBe(true);
});

test("[S30] 20,000 CONNECTs before anyone has said who they are", async () => {
  const anonymous = await openRawLink(it.port);
  await anonymous.flood(20_000, (index) => `0/room-${index},{}`);
  await eventually(() => anonymous.isClosed());
});

test("[S30] namespaces other than the default one do not exist", async () => {
  const anonymous = await openRawLink(it.port);
  const token = it.signToken({ userId: "mallory", username: "mallory" });
  for (const namespace of ["/admin", "/__proto__", "/constructor", "/a?token=b"]) {
    anonymous.send(`0${namespace},${JSON.stringify({ token })}`);
  }
  await eventually(() => anonymous.received.filter((text) => text.startsWith("44")).length === 4);
  expect(anonymous.received.join()).not.toContain(token);
  anonymous.socket.terminate();
});

test("[S26] a polling request of many packets ends its own link", async () => {
  const address = `${it.url}/socket.io/?EIO=4&transport=polling`;
  const open = async () => JSON.parse((await (await fetch(address)).text()).slice(1)).sid as string;
  for (const packet of ["2", "4", '42["typing_start",{}]']) {
    const sid = await open();
    const body = Array(limits.packetsPerPoll + 1)
      .fill(packet)
      .join("\u001e");
    await fetch(`${address}&sid=${sid}`, { method: "POST", body }).catch(String);
    expect((await fetch(`${address}&sid=${sid}`)).status).toBe(400);
  }
});

test("[S9] a polling request over the bound is refused", async () => {
  const address = `${it.url}/socket.io/?EIO=4&transport=polling`;
  const sid = JSON.parse((await (await fetch(address)).text()).slice(1)).sid as string;
  const post = fetch(`${address}&sid=${sid}`, { method: "POST", body: `4${"x".repeat(limits.frameBytes + 1)}` });
  expect([413, 400, "gone"]).toContain(await post.then(({ status }) => status).catch(() => "gone"));
});

test("[S9] an address of 64 KB, a broken upgrade and text that is no UTF-8 are refused", async () => {
  const long = await fetch(`${it.url}/socket.io/?EIO=4&transport=polling&x=${"y".repeat(65_536)}`).catch(
    () => undefined,
  );
  expect([431, undefined]).toContain(long?.status);
  for (const query of ["transport=smoke&EIO=4", "transport=__proto__&EIO=4", "transport=webtransport&EIO=4", "EIO=4"]) {
    expect([query, (await fetch(`${it.url}/socket.io/?${query}`)).status]).toEqual([query, 400]);
  }
  // A text frame, masked with zeros, whose payload is no UTF-8.
  const frame = Buffer.from([0x81, 0x83, 0, 0, 0, 0, 0x34, 0xc3, 0x28]);
  const { _socket: wire } = link.socket as unknown as { _socket: { write(bytes: Buffer): void } };
  wire.write(frame);
  await eventually(() => link.isClosed());
});

test("[S9] endless fragments of a message end the link", async () => {
  const { _socket: wire } = link.socket as unknown as { _socket: { write(bytes: Buffer): boolean } };
  const fragment = (first: boolean) => Buffer.from([first ? 0x01 : 0x00, 0x81, 0, 0, 0, 0, 0x34]);
  const rest = Buffer.concat(Array.from({ length: 10_000 }, () => fragment(false)));
  wire.write(fragment(true));
  for (let index = 0; index < 100; index++) wire.write(rest);
  await eventually(() => link.isClosed(), { timeoutMs: 10_000 });
});

test("[S27] [S28] [S29] [S34] what is only odd is refused or served, and the link goes on", async () => {
  const nested = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const odd = [
    `["chat_message",{"roomId":"general","content":"x","metadata":{"a":${nested}}}]`,
    '["chat_message",{"roomId":"general","content":"x","__proto__":{"isAdmin":true}}]',
    '["chat_message",{"roomId":"general","content":"x","metadata":{"__proto__":{"a":1}}}]',
    '["chat_message",{"roomId":"__proto__","content":"x"}]',
    '["__proto__",{}]',
    '["constructor",{}]',
    '["toString",{}]',
    '["connect",{}]',
    '["disconnecting"]',
    '["chat_message",{"roomId":"general","content":"x"},1,2,3,4,5]',
    '["hasOwnProperty",{}]',
    `["${"x".repeat(60_000)}",{}]`,
    "[17,{}]",
    '["chat_message",{"roomId":"general","content":"a\\u0000b"}]',
    '["chat_message",{"roomId":"general","content":"a\\ud800b"}]',
    '["chat_message",{"roomId":"gen\\u0000eral","content":"b"}]',
    '["join_room","\\udfff"]',
    '["chat_message",[]]',
    '["chat_message",null]',
    '["chat_message","x"]',
  ];
  for (const [index, packet] of odd.entries()) link.send(`2${index}${packet}`);
  const answerTo = (index: number) => link.received.find((text) => text.startsWith(`43${index}[`));
  await eventually(() => odd.every((_, index) => answerTo(index) !== undefined));
  for (const [index, packet] of odd.entries()) {
    const [answer] = JSON.parse(answerTo(index)?.replace(/^43\d+/, "") ?? "[]");
    expect([packet.slice(0, 80), answer.ok, answer.error?.code]).toEqual([
      packet.slice(0, 80),
      false,
      packet.includes('"__proto__","content"') ? "not_found" : "bad_request",
    ]);
  }
  link.send('299["chat_message",{"roomId":"nowhere","roomId":"general","content":"x"}]');
  await eventually(() => link.received.some((text) => text.startsWith("4399[")));
  expect(link.isClosed()).toBe(false);
});

test("[S32] a megabyte of text, and 65 KB of it, are too large", async () => {
  link.send(`21["chat_message",{"roomId":"general","content":"${"x".repeat(65_536)}"}]`);
  await eventually(() => link.received.some((text) => text.startsWith('431[{"ok":false,"error":{"code":"too_large"')));
  link.send(`22["chat_message",{"roomId":"general","nonce":"${"x".repeat(1_048_576)}"}]`);
  await eventually(() => link.isClosed());
});
