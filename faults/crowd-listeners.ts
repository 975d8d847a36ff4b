// Many listeners in one process that look at events only as far as their position. Started by crowd.ts, which it
// reports to.
import { BareLink, readNumber } from "@mirage/testing/bare-link";

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
const messageMark = '42["chat_message';
const memberMark = '42["member_updat';

const report: CrowdReport = { delivered: 0, violations: 0, lost: 0 };

class Listener {
  readonly #link: BareLink;
  #last: number | undefined;
  /** Those since the room was opened. */
  received = 0;

  constructor(port: number, token: string) {
    const onEvent = (data: Buffer, start: number, end: number): void => this.#handle(data.subarray(start, end));
    const onClose = (): void => void report.lost++;
    this.#link = new BareLink({ port, token, onEvent, onClose });
  }

  async open(roomId: string): Promise<void> {
    await this.#link.opened;
    await new Promise<void>((resolve, reject) => {
      this.#link.ask("join_room", JSON.stringify({ roomId }), (text) => {
        const answer: { ok: boolean; seq: number } = JSON.parse(text);
        this.#last = answer.seq;
        if (answer.ok) resolve();
        else reject(new Error(text));
      });
    });
  }

  #handle(frame: Buffer): void {
    const name = frame.toString("latin1", 0, messageMark.length);
    if (name === messageMark) {
      report.delivered++;
      this.received++;
      this.#move(frame);
    } else if (this.#last !== undefined && name === memberMark) {
      // People who join share a position, so it may stand still for none of them.
      this.#move(frame);
    }
  }

  #move(frame: Buffer): void {
    const position = readNumber(frame, frame.lastIndexOf(seqMark) + seqMark.length);
    const from = frame.lastIndexOf('"from":');
    const first = from === -1 ? position : readNumber(frame, from + 7);
    if (this.#last === undefined || position <= this.#last || first > this.#last + 1) report.violations++;
    this.#last = position;
  }
}

const listeners: Listener[] = [];

async function open(order: CrowdOrder): Promise<void> {
  for (let start = 0; start < order.tokens.length; start += connectAtOnce) {
    const next = order.tokens.slice(start, start + connectAtOnce).map((token) => new Listener(order.port, token));
    listeners.push(...next);
    await Promise.all(next.map((listener) => listener.open(order.roomId)));
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
