import type { Clock } from "../ports/clock.ts";
import { type EngineConnection, tcpOf } from "./engine.ts";
import type { Block, Frame } from "./frame.ts";

/**
 * The one way out of a connection. Acknowledgements, events to one and events to many are put behind each other in
 * the order of the calls, and what gathers in a tick leaves in one write:
 *
 *     send ─▶ block (this tick) ─▶ backlog (while a write is under way) ─▶ engine ─▶ network
 *
 * A WebSocket gets joined frames; polling, and a link in the middle of its upgrade, get packet by packet.
 * Nothing here drops or reorders but `signal`, which is dropped where something is still unsent.
 */

/** Joined frames in one write; beyond this more bytes cost more than a system call saves. */
const writeBytes = 64 * 1024;

/** The longest rest between two rounds of writing; a reader feels no difference below it. */
const maxRestMs = 15;
/** Between slices of a round the event loop gets to what has come in: answers of the database above all. */
const sliceMs = 4;
const outletsPerLook = 16;

/**
 * Gathers the outlets that have something to say and lets them write in rounds, the first one when the tick is over. A
 * round whose writes carried several frames each is followed by a rest, at most as long as itself: under load more
 * gathers for each write, whose cost is the call and not the bytes, and half of the time is left for everything else.
 * Where a write carries a single frame there is nothing to gather, and no rest.
 */
export class OutboundTick {
  readonly #clock: Clock;
  #waiting: Outlet[] = [];
  #isScheduled = false;
  #round: Outlet[] = [];
  #writtenCount = 0;
  #frameCount = 0;
  #roundMs = 0;
  #restsUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(outlet: Outlet): void {
    this.#waiting.push(outlet);
    if (!this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    const restMs = this.#restsUntilMs - this.#clock.monotonicMs();
    // Behind the I/O of this tick and before the next: nothing waits when idle.
    if (restMs < 1) setImmediate(this.#begin);
    else this.#clock.after(restMs, this.#begin);
  }

  readonly #begin = (): void => {
    this.#round = this.#waiting;
    this.#waiting = [];
    this.#writtenCount = 0;
    this.#frameCount = 0;
    this.#roundMs = 0;
    this.#write();
  };

  readonly #write = (): void => {
    const startedAtMs = this.#clock.monotonicMs();
    let nowMs = startedAtMs;
    while (this.#writtenCount < this.#round.length && nowMs - startedAtMs < sliceMs) {
      const next = this.#round.slice(this.#writtenCount, this.#writtenCount + outletsPerLook);
      for (const outlet of next) this.#frameCount += outlet.flush();
      this.#writtenCount += next.length;
      nowMs = this.#clock.monotonicMs();
    }
    this.#roundMs += nowMs - startedAtMs;
    if (this.#writtenCount < this.#round.length) setImmediate(this.#write);
    else this.#end(nowMs);
  };

  #end(nowMs: number): void {
    const framesPerWrite = this.#frameCount / this.#round.length;
    this.#round = [];
    this.#restsUntilMs = nowMs + Math.min(this.#roundMs * Math.min(framesPerWrite - 1, 1), maxRestMs);
    this.#isScheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
  }
}

export interface OutletOptions {
  connection: EngineConnection;
  tick: OutboundTick;
  /** More unsent bytes than this end the connection at once; 0: no bound. */
  maxQueuedBytes: number;
  onOverflow: () => void;
}

export class Outlet {
  readonly #options: OutletOptions;
  #state: "held" | "open" | "closed" = "held";
  #block: Block | undefined;
  /** Joined, waiting for the write that is under way. */
  #backlog: Buffer[] = [];
  #writingBytes = 0;
  /** Handed on or in the backlog, and not yet taken by the network. */
  #unsentBytes = 0;
  #sentBytes = 0;
  #isWaiting = false;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  /** Bytes that were sent to this connection and that the network has not taken. */
  get queuedBytes(): number {
    return this.#unsentBytes + (this.#block?.byteLength ?? 0);
  }

  /** Bytes that the network has taken, in all. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Something of an earlier tick is still unsent. */
  get isBehind(): boolean {
    return this.#unsentBytes > 0;
  }

  send(frame: Frame): void {
    if (this.#state === "closed") return;
    this.#block = this.#block === undefined ? frame.block : this.#block.append(frame);
    this.#wait();
  }

  /** Lets what was held since before the connection was accepted go. */
  release(): void {
    if (this.#state !== "held") return;
    this.#state = "open";
    this.#wait();
  }

  /**
   * Writes what has gathered, and returns how many frames that was. Called at the end of the tick, or before the
   * connection is closed in good order.
   */
  flush(): number {
    this.#isWaiting = false;
    if (this.#state !== "open") return 0;
    const frameCount = this.#block?.frameCount ?? 0;
    const { connection } = this.#options;
    if (connection.transport.name !== "websocket" || connection.upgrading) this.#writePackets();
    else this.#writeJoined();
    const { maxQueuedBytes, onOverflow } = this.#options;
    if (maxQueuedBytes > 0 && this.#unsentBytes > maxQueuedBytes) onOverflow();
    return frameCount;
  }

  /** Writes everything, without waiting for a write that is under way, and takes nothing more. */
  finish(): void {
    this.flush();
    while (this.#state === "open" && this.#backlog.length > 0) this.#writeBacklog();
    this.discard();
  }

  /** Forgets what was not written. */
  discard(): void {
    this.#state = "closed";
    this.#block = undefined;
    this.#backlog = [];
  }

  #wait(): void {
    if (this.#isWaiting || this.#state !== "open") return;
    this.#isWaiting = true;
    this.#options.tick.add(this);
  }

  #takeBlock(): Block | undefined {
    const block = this.#block;
    this.#block = undefined;
    if (block !== undefined) this.#unsentBytes += block.byteLength;
    return block;
  }

  #writePackets(): void {
    const block = this.#takeBlock();
    if (block === undefined) return;
    const { connection } = this.#options;
    const frames = block.frames();
    frames.forEach((frame, index) => {
      const isLast = index === frames.length - 1;
      connection.write(frame.text, { compress: false }, isLast ? () => this.#count(block.byteLength) : undefined);
    });
  }

  #writeJoined(): void {
    const block = this.#takeBlock();
    // The chain ends here: a reader that is stuck keeps its own bytes alive and nobody else's.
    if (block !== undefined) this.#backlog.push(block.wire);
    if (this.#writingBytes === 0 && this.#backlog.length > 0) this.#writeBacklog();
  }

  #writeBacklog(): void {
    let bytes = 0;
    let count = 0;
    for (const wire of this.#backlog) {
      if (count > 0 && bytes + wire.length > writeBytes) break;
      bytes += wire.length;
      count++;
    }
    const wires = this.#backlog.splice(0, count);
    const first = wires[0];
    if (first === undefined) return;
    const joined = count === 1 ? first : Buffer.concat(wires, bytes);
    this.#writingBytes += bytes;
    const whenSent = (): void => {
      this.#writingBytes -= bytes;
      this.#count(bytes);
      if (this.#backlog.length > 0) this.#wait();
    };
    const { connection } = this.#options;
    const tcp = tcpOf(connection);
    if (tcp) tcp.write(joined, whenSent);
    else connection.write("", { compress: false, wsPreEncodedFrame: [joined] }, whenSent);
  }

  #count(bytes: number): void {
    this.#unsentBytes -= bytes;
    this.#sentBytes += bytes;
  }
}
