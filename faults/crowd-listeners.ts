// Many listeners in one process, as cheap as can be: a WebSocket of our own on a bare TCP connection that looks at
// frames only as far as their position. Started by crowd.ts, which it reports to.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface CrowdOrder {
  port: number;
  roomId: string;
  tokens: readonly string[];
}

export interface CrowdReport {
  delivered: number;
  violations: number;
  /** Connections that were closed. */
  lost: number;
}

const connectAtOnce = 50;
const patienceMs = 30_000;
const seqMark = Buffer.from('"seq":');
const chatMark = Buffer.from('42["chat_message"');
const ackMark = Buffer.from("430");

const report: CrowdReport = { delivered: 0, violations: 0, lost: 0 };

class Listener {
  readonly #socket: Socket;
  readonly #order: CrowdOrder;
  readonly #opened = Promise.withResolvers<void>();
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #last: number | undefined;
  /** Those since the room was opened. */
  received = 0;

  constructor(order: CrowdOrder, token: string) {
    this.#order = order;
    this.#socket = connect({ host: "127.0.0.1", port: order.port });
    this.#socket.once("connect", () => this.#upgrade());
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk, token));
    this.#socket.once("close", () => {
      report.lost++;
      this.#opened.reject(new Error("closed"));
    });
    this.#socket.on("error", (error) => this.#opened.reject(error));
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  #upgrade(): void {
    const lines = [
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
      `Host: 127.0.0.1:${this.#order.port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  #take(chunk: Buffer, token: string): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    if (!this.#isUpgraded) {
      const end = data.indexOf("\r\n\r\n");
      if (end === -1) {
        this.#rest = data;
        return;
      }
      this.#isUpgraded = true;
      data = data.subarray(end + 4);
    }
    let at = 0;
    for (;;) {
      const frame = findFrame(data, at);
      if (!frame) break;
      this.#handle(data.subarray(frame.start, frame.end), token);
      at = frame.end;
    }
    this.#rest = at < data.length ? Buffer.from(data.subarray(at)) : Buffer.alloc(0);
  }

  #handle(frame: Buffer, token: string): void {
    if (startsWith(frame, chatMark)) this.#handleMessage(frame);
    else if (frame[0] === 0x32 && frame.length === 1) this.#send("3");
    else if (frame[0] === 0x30) this.#send(`40${JSON.stringify({ token })}`);
    else if (frame[0] === 0x34 && frame[1] === 0x30) {
      this.#send(`420${JSON.stringify(["join_room", { roomId: this.#order.roomId }])}`);
    } else if (startsWith(frame, ackMark)) {
      const [answer] = JSON.parse(frame.subarray(ackMark.length).toString()) as [{ ok: boolean; seq: number }];
      if (!answer.ok) this.#opened.reject(new Error(frame.toString()));
      this.#last = answer.seq;
      this.#opened.resolve();
    } else this.#handleOther(frame);
  }

  /** Other events of the stream: people who join share a position, so it may stand still for none of them. */
  #handleOther(frame: Buffer): void {
    if (this.#last === undefined || !frame.toString("latin1", 0, 20).startsWith('42["member_updated')) return;
    this.#move(frame);
  }

  #handleMessage(frame: Buffer): void {
    report.delivered++;
    this.received++;
    this.#move(frame);
  }

  #move(frame: Buffer): void {
    const position = readNumber(frame, frame.lastIndexOf(seqMark) + seqMark.length);
    const from = frame.lastIndexOf('"from":');
    const first = from === -1 ? position : readNumber(frame, from + 7);
    if (this.#last === undefined || position <= this.#last || first > this.#last + 1) report.violations++;
    this.#last = position;
  }

  #send(text: string): void {
    const body = Buffer.from(text);
    const head = body.length < 126 ? [0x81, 0x80 | body.length] : [0x81, 0xfe, body.length >> 8, body.length & 255];
    // A mask of zeros leaves the bytes as they are.
    this.#socket.write(Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), body]));
  }
}

function findFrame(data: Buffer, at: number): { start: number; end: number } | undefined {
  if (data.length < at + 2) return undefined;
  const short = data[at + 1] ?? 0;
  const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (data.length < at + headBytes) return undefined;
  const length =
    short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short === 126 ? data.readUInt16BE(at + 2) : short;
  const start = at + headBytes;
  return data.length < start + length ? undefined : { start, end: start + length };
}

function startsWith(frame: Buffer, mark: Buffer): boolean {
  return frame.length >= mark.length && frame.compare(mark, 0, mark.length, 0, mark.length) === 0;
}

function readNumber(frame: Buffer, at: number): number {
  let number = 0;
  for (let index = at; ; index++) {
    const digit = (frame[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return number;
    number = number * 10 + digit;
  }
}

const listeners: Listener[] = [];

async function open(order: CrowdOrder): Promise<void> {
  for (let start = 0; start < order.tokens.length; start += connectAtOnce) {
    const next = order.tokens.slice(start, start + connectAtOnce).map((token) => new Listener(order, token));
    listeners.push(...next);
    await Promise.all(next.map((listener) => listener.opened));
  }
  process.send?.("ready");
}

function reportWhenDone(messages: number): void {
  const endMs = performance.now() + patienceMs;
  const look = (): void => {
    const isDone = listeners.every(({ received }) => received >= messages);
    if (isDone || performance.now() > endMs) process.send?.(report);
    else setTimeout(look, 50);
  };
  look();
}

process.on("message", (message: CrowdOrder | { messages: number }) => {
  if ("messages" in message) reportWhenDone(message.messages);
  else void open(message);
});
