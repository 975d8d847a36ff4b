import type { Topic } from "../hot-path/topics.ts";
import { type EngineConnection, tcpOf } from "./engine.ts";
import type { Block, Frame } from "./frame.ts";
import { type About, HeldSignals } from "./held-signals.ts";
import type { OutboundTick } from "./outbound-tick.ts";

/** Joined frames in one write; beyond this more bytes cost more than a system call saves. */
const writeBytes = 64 * 1024;
/** Goes behind what is under way, to be told when that is sent. */
const nothing = Buffer.alloc(0);
/** Whole documents that were asked for may be unsent beside what the settings allow, up to this. */
const maxUnsentBytes = 32 * 1024 * 1024;

export interface OutletOptions {
  connection: EngineConnection;
  tick: OutboundTick;
  /** More unsent bytes than this end the connection at once; 0: no bound. */
  maxQueuedBytes: number;
  onOverflow: () => void;
}

/**
 * The one way out of a connection. Acknowledgements, events to one and events to many are put behind each other in
 * the order of the calls, and what gathers in a tick leaves in one write:
 *
 *     send ─▶ block (this tick) ─▶ backlog (while a write is under way) ─▶ engine ─▶ network
 *
 * A WebSocket gets joined frames; polling, and a link in the middle of its upgrade, get packet by packet.
 * Nothing here drops or reorders but `signal`, which waits where something is still unsent, and of which only the newest of
 * each subject is left by then.
 */
export class Outlet {
  readonly #options: OutletOptions;
  #state: "held" | "open" | "closed" = "held";
  #block: Block | undefined;
  /** Joined, waiting for the write that is under way. */
  #backlog: Buffer[] = [];
  #writingBytes = 0;
  /** Handed on or in the backlog, and not yet taken by the network. */
  #unsentBytes = 0;
  /** Of them as much as belongs to whole documents. */
  #askedBytes = 0;
  #sentBytes = 0;
  #held: HeldSignals | undefined;
  #isWaiting = false;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  /** Bytes that were sent to this connection and that the network has not taken. */
  get queuedBytes(): number {
    return this.#unsentBytes + (this.#block?.byteLength ?? 0) + (this.#held?.bytes ?? 0);
  }

  /** Bytes that the network has taken, in all. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  send(frame: Frame): void {
    if (this.#state === "closed") return;
    if (frame.isWhole) this.#askedBytes += frame.wire.length;
    this.#block = this.#block === undefined ? frame.block : this.#block.append(frame);
    this.#wait();
  }

  /**
   * Sends what is about now and of which the newest is enough: at once, or once everything of earlier ticks is sent.
   * Returns how many signals will not be sent because of this one.
   */
  signal(frame: Frame, about: About): number {
    if (this.#state === "closed") return 0;
    if (this.#unsentBytes > 0) {
      this.#held ??= new HeldSignals();
      return this.#held.put(about, frame);
    }
    this.send(frame);
    return 0;
  }

  /** Signals of a topic that still wait are not sent any more. */
  forget(topic: Topic): void {
    this.#held?.forget(topic);
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
    const allowedBytes = Math.min(maxQueuedBytes + this.#askedBytes, maxUnsentBytes);
    if (maxQueuedBytes > 0 && this.#unsentBytes > allowedBytes) onOverflow();
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
    this.#held = undefined;
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
    const packets = frames.flatMap((frame) => [frame.text, ...frame.attachments]);
    packets.forEach((packet, index) => {
      const isLast = index === packets.length - 1;
      connection.write(packet, { compress: false }, isLast ? () => this.#count(block.byteLength) : undefined);
    });
  }

  #writeJoined(): void {
    const block = this.#takeBlock();
    if (block !== undefined && this.#writingBytes === 0 && this.#backlog.length === 0) {
      this.#write(block.wire);
      return;
    }
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
    if (first !== undefined) this.#write(count === 1 ? first : Buffer.concat(wires, bytes));
  }

  #write(joined: Buffer): void {
    const bytes = joined.length;
    const { connection } = this.#options;
    const tcp = tcpOf(connection);
    tcp?.write(joined);
    // The network has taken it at once, as it mostly does. To be told so by a callback costs a twentieth of the way out
    // (`npm run bench -- T2`).
    if (tcp?.writableLength === 0) {
      this.#written(bytes);
      return;
    }
    this.#writingBytes += bytes;
    const whenSent = (): void => {
      this.#writingBytes -= bytes;
      this.#written(bytes);
    };
    if (tcp) tcp.write(nothing, whenSent);
    else connection.write("", { compress: false, wsPreEncodedFrame: [joined] }, whenSent);
  }

  #written(bytes: number): void {
    this.#count(bytes);
    if (this.#backlog.length > 0) this.#wait();
  }

  #count(bytes: number): void {
    this.#unsentBytes -= bytes;
    this.#askedBytes = Math.min(this.#askedBytes, this.#unsentBytes);
    this.#sentBytes += bytes;
    if (this.#unsentBytes === 0) this.#releaseHeld();
  }

  #releaseHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const frame of held?.take() ?? []) this.send(frame);
  }
}
