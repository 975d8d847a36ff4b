import { limits } from "@mirage/protocol";
import { eventually } from "@mirage/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hasTooManyPackets } from "./engine.ts";
import { openTestGateway, type RawClient, type TestGateway } from "./open-test-gateway.ts";

let it: TestGateway;
let raw: RawClient | undefined;
beforeAll(async () => {
  it = await openTestGateway({ handlers: { typing_start: () => ({}) } });
});
afterEach(async () => {
  raw?.socket.terminate();
  raw = undefined;
  // Whatever was sent, the process serves the next one.
  const socket = await it.connect("next");
  expect(await socket.emitWithAck("typing_start", { roomId: "a" })).toEqual({ ok: true });
  socket.disconnect();
});
afterAll(() => it.close());

const sixtyThousand = `[${Array.from({ length: 60_000 }, () => 0).join()}]`;

describe("packets that would bring Socket.IO down close their own connection only", () => {
  const bombs: Record<string, string[]> = {
    "[S24] an event with 60,000 arguments": [`2${sixtyThousand.replace("[0", '["x"')}`],
    "[S24] an event with an acknowledgement and 60,000 arguments": [`2021${sixtyThousand.replace("[0", '["x"')}`],
    "[S24] an acknowledgement with 60,000 arguments": [`30${sixtyThousand}`],
    "[S24] an acknowledgement that nobody asked for": ["30[]"],
    "[S25] one attachment that is named 5,000 times": [
      `51-["x",${JSON.stringify(Array.from({ length: 5_000 }, () => ({ _placeholder: true, num: 0 })))}]`,
    ],
    "[S25] an event that announces no attachment and sends some": ['50-["x"]'],
    "[S30] a CONNECT with 64 KiB of credentials": [`0{"token":"${"x".repeat(65_536)}"}`],
    "[S30] a CONNECT after the CONNECT": ["0"],
    "[S25] attachments of which none is named": ['52-["x",{}]'],
    "[S25] eleven attachments": [`511-["x",${JSON.stringify(Array(11).fill({ _placeholder: true, num: 0 }))}]`],
    "[S25] an event in the middle of the bytes of another": [
      '52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
      '2["x"]',
    ],
    "[S30] a CONNECT of another namespace with 64 KiB of credentials": [`0/x,{"token":"${"x".repeat(65_536)}"}`],
    "a packet of no type": ["9"],
    "text that is no JSON": ['2["x",'],
    "[S9] a frame of more than 512 KiB": [`2["x","${"x".repeat(limits.frameBytes)}"]`],
  };
  for (const [title, packets] of Object.entries(bombs)) {
    test(title, async () => {
      raw = await it.connectRaw();
      for (const packet of packets) raw.socket.send(`4${packet}`);
      await eventually(() => raw?.isClosed() ?? false);
    });
  }

  test("[S25] bytes that belong to no event", async () => {
    raw = await it.connectRaw();
    raw.socket.send(Buffer.alloc(100_000));
    await eventually(() => raw?.isClosed() ?? false);
  });

  test("[S30] 20,000 CONNECTs of namespaces that do not exist", async () => {
    raw = await it.connectRaw();
    for (let index = 0; index < 20_000; index++) raw.socket.send(`40/n${index},`);
    await eventually(() => raw?.isClosed() ?? false);
    expect(raw.received.length).toBeLessThan(50);
  });
});

describe("what a client may do by mistake is refused, and the connection goes on", () => {
  const placeholders = (count: number) => Array.from({ length: count }, (_, num) => ({ _placeholder: true, num }));
  const mistakes: Record<string, { name: string; packet: string; bytes?: Buffer[]; code?: string; about: string }> = {
    "[CMD-3] six arguments": {
      name: "typing_start",
      packet: '7["typing_start",{"roomId":"a"},1,2,3,4]',
      about: "too many arguments",
    },
    "[CMD-3] a hundred arguments": {
      name: "x",
      packet: `7${JSON.stringify(["x", ...Array(99).fill(0)])}`,
      about: "too many arguments",
    },
    "[CMD-3] two attachments": {
      name: "typing_start",
      packet: `7${JSON.stringify(["typing_start", ...placeholders(2)])}`,
      bytes: [Buffer.alloc(5), Buffer.alloc(5)],
      about: "too many attachments",
    },
    "[CMD-3] ten attachments, one of them too large": {
      name: "x",
      packet: `7${JSON.stringify(["x", { a: placeholders(10) }])}`,
      bytes: [Buffer.alloc(limits.eventBytes + 1), ...Array<Buffer>(9).fill(Buffer.alloc(5))],
      code: "too_large",
      about: "Event too large",
    },
    "[CMD-3] a name that Socket.IO keeps for itself": {
      name: "disconnecting",
      packet: '7["disconnecting"]',
      about: "a name that is reserved",
    },
    "[CMD-3] another such name, with an input": {
      name: "newListener",
      packet: '7["newListener",{"a":1}]',
      about: "a name that is reserved",
    },
  };
  for (const [title, { name, packet, bytes = [], code = "bad_request", about }] of Object.entries(mistakes)) {
    test(title, async () => {
      raw = await it.connectRaw();
      const kind = bytes.length === 0 ? "2" : `5${bytes.length}-`;
      const say = (text: string): void => {
        raw?.socket.send(`4${kind}${text}`);
        for (const attachment of bytes) raw?.socket.send(attachment);
      };
      say(packet);
      say(packet.slice(1));
      raw.socket.send('428["typing_start",{"roomId":"a"}]');
      await eventually(() => expect(raw?.received).toContain('438[{"ok":true}]'));
      const [ack, event] = raw.received.slice(-3);
      expect(ack).toContain(`437[{"ok":false,"error":{"code":"${code}"`);
      expect(ack).toContain(about);
      expect(event).toContain(`42["error",{"code":"${code}"`);
      expect(event).toContain(`"event":"${name}"`);
    });
  }

  test("[HSK-1] credentials that are too large are refused like any wrong ones, and may be mended on the same link", async () => {
    const socket = it.client("x".repeat(65_536));
    const refusal = await new Promise<Error & { data?: unknown }>((resolve) => {
      socket.once("connect_error", resolve);
      socket.connect();
    });
    expect([refusal.message, refusal.data]).toEqual(["Authentication failed", { code: "token_invalid" }]);
    socket.auth = { token: "ann" };
    await new Promise<void>((resolve) => {
      socket.once("connect", () => resolve());
      socket.connect();
    });
    expect(await socket.emitWithAck("typing_start", { roomId: "a" })).toEqual({ ok: true });
  });
});

describe("[S26] a polling request with too many packets", () => {
  test("closes its own connection", async () => {
    const address = `${it.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(address)).text()).slice(1)) as { sid: string };
    await fetch(`${address}&sid=${sid}`, { method: "POST", body: Array(100_000).fill("3").join("\u001e") }).catch(
      String,
    );
    const answer = await fetch(`${address}&sid=${sid}`);
    expect(answer.status).toBe(400);
  });

  test("is told by counting alone", () => {
    const body = (count: number): string => Array(count).fill("4").join("\u001e");
    expect(hasTooManyPackets(body(limits.packetsPerPoll))).toBe(false);
    expect(hasTooManyPackets(body(limits.packetsPerPoll + 1))).toBe(true);
  });
});

test("[S29] the script-tag transport and the protocol before this one are refused", async () => {
  for (const query of ["EIO=4&transport=polling&j=0", "EIO=3&transport=polling", "transport=polling"]) {
    expect((await fetch(`${it.url}/socket.io/?${query}`)).status).toBe(400);
  }
});
