import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface BareLinkOptions {
  port: number;
  token: string;
  /** An address of this machine to come from: one has about 28,000 ports towards one server. */
  localAddress?: string;
  /** Gets each event as the place of its text in `data`, which is used again afterwards: keep nothing of it. */
  onEvent?: (data: Buffer, start: number, end: number) => void;
  /** The link has ended, whoever ended it. */
  onClose?: () => void;
}

/** What has come in, over all links of this process. */
export const bareTraffic = { reads: 0, bytes: 0 };

// Handled before the next read begins, so one buffer serves all links and nothing is allocated for a read.
const readBuffer = Buffer.allocUnsafe(256 * 1024);
const nothing = Buffer.alloc(0);
const openPacket = 0x30;
const pingPacket = 0x32;
const messagePacket = 0x34;

/**
 * A Socket.IO connection on a bare TCP socket, as cheap as can be: it finds the frames, answers pings, knows its
 * acknowledgements, and leaves events unread. For thousands of listeners in one process.
 */
export class BareLink {
  readonly #options: BareLinkOptions;
  readonly #socket: Socket;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<never>();
  readonly #asked = new Map<number, (answer: string) => void>();
  #lastAsked = -1;
  #rest: Buffer = nothing;
  #isUpgraded = false;
  /** Takes what comes without looking at it. Pings are then not seen either: call `sendPong` in time. */
  isBlind = false;
  /** Bytes that came while it was blind. */
  blindBytes = 0;

  constructor(options: BareLinkOptions) {
    this.#options = options;
    const { port, localAddress } = options;
    this.#socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      ...(localAddress ? { localAddress } : {}),
      onread: {
        buffer: readBuffer,
        callback: (bytes) => {
          this.#take(bytes);
          return true;
        },
      },
    });
    this.#socket.once("connect", () => this.#upgrade());
    this.#socket.once("close", () => this.#handleClose());
    this.#socket.on("error", (error) => this.#opened.reject(error));
    for (const { promise } of [this.#opened, this.#closed]) promise.catch(() => undefined);
  }

  /** Resolves when the server has accepted it. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Sends a command; `onAnswer` gets the answer's text, as it stands on the wire. */
  ask(name: string, payload: string, onAnswer: (answer: string) => void): void {
    const id = ++this.#lastAsked;
    this.#asked.set(id, onAnswer);
    this.#send(`42${id}["${name}",${payload}]`);
  }

  /**
   * Sends a command that must be accepted and returns its reply. `read` gets it in the moment it comes: what is live may
   * stand right behind it. Rejects when it is refused, when the link ends, and with what `read` throws.
   */
  request<Reply>(name: string, payload: object, read?: (reply: Reply) => void): Promise<Reply> {
    const answered = new Promise<Reply>((resolve, reject) => {
      this.ask(name, JSON.stringify(payload), (text) => {
        try {
          const answer = JSON.parse(text);
          if (!answer.ok) throw new Error(`${name} was refused: ${text}`);
          read?.(answer);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
    });
    return Promise.race([answered, this.#closed.promise]);
  }

  sendPong(): void {
    this.#send("3");
  }

  /** Reads nothing more, as a client that hangs: what comes stays with the network, and that the link has ended is not seen. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Reads what has gathered, and goes on. */
  readOn(): void {
    this.#socket.resume();
  }

  /** Cuts it without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #handleClose(): void {
    const error = new Error("the connection was closed");
    this.#opened.reject(error);
    this.#closed.reject(error);
    this.#options.onClose?.();
  }

  #upgrade(): void {
    const lines = [
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
      `Host: 127.0.0.1:${this.#options.port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  #take(bytes: number): void {
    bareTraffic.reads++;
    bareTraffic.bytes += bytes;
    if (this.isBlind) {
      this.blindBytes += bytes;
      return;
    }
    const fresh = readBuffer.subarray(0, bytes);
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, fresh]) : fresh;
    let at = this.#isUpgraded ? 0 : this.#readUpgrade(data);
    while (this.#isUpgraded) {
      const short = (data[at + 1] ?? 0) & 0x7f;
      const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2);
      if (start > data.length) break;
      const end = start + (short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6));
      if (end > data.length) break;
      this.#handle(data, start, end);
      at = end;
    }
    this.#rest = at < data.length ? Buffer.from(data.subarray(at)) : nothing;
  }

  #readUpgrade(data: Buffer): number {
    const end = data.indexOf("\r\n\r\n");
    if (end === -1) return 0;
    const status = data.toString("latin1", 0, data.indexOf("\r\n"));
    if (status.includes(" 101 ")) this.#isUpgraded = true;
    else this.#opened.reject(new Error(`refused: ${status}`));
    return end + 4;
  }

  #handle(data: Buffer, start: number, end: number): void {
    const packet = data[start];
    const kind = data[start + 1];
    if (packet === messagePacket && kind === 0x32) this.#options.onEvent?.(data, start, end);
    else if (packet === messagePacket && kind === 0x33) this.#handleAnswer(data, start, end);
    else if (packet === pingPacket) this.sendPong();
    else if (packet === openPacket) this.#send(`40${JSON.stringify({ token: this.#options.token })}`);
    else if (packet === messagePacket && kind === 0x30) this.#opened.resolve();
    else if (packet === messagePacket && kind === 0x34) {
      this.#opened.reject(new Error(`refused: ${data.toString("utf8", start + 2, end)}`));
    }
  }

  #handleAnswer(data: Buffer, start: number, end: number): void {
    let id = 0;
    let at = start + 2;
    for (let digit = (data[at] ?? 0) - 0x30; digit >= 0 && digit <= 9; digit = (data[++at] ?? 0) - 0x30)
      id = id * 10 + digit;
    const onAnswer = this.#asked.get(id);
    this.#asked.delete(id);
    onAnswer?.(data.toString("utf8", at + 1, end - 1));
  }

  #send(text: string): void {
    const length = Buffer.byteLength(text);
    const headBytes = length < 126 ? 6 : 8;
    const frame = Buffer.allocUnsafe(headBytes + length);
    frame[0] = 0x81;
    frame[1] = 0x80 | Math.min(length, 126);
    if (headBytes === 8) frame.writeUInt16BE(length, 2);
    // A mask of zeros leaves the bytes as they are.
    frame.writeUInt32BE(0, headBytes - 4);
    frame.write(text, headBytes);
    this.#socket.write(frame);
  }
}

/** The number that begins at a place of a frame; 0 where there is none. */
export function readNumber(data: Buffer, at: number): number {
  let number = 0;
  for (let index = at; ; index++) {
    const digit = (data[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return number;
    number = number * 10 + digit;
  }
}
