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
    "[S29] a name that Socket.IO keeps for itself": ['2["disconnecting"]'],
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
