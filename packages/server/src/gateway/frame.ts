import { limits } from "@mirage/protocol";
import { type EncodedPayload, encodeBytes } from "../hot-path/payload.ts";

/**
 * What is written to a connection. A `Frame` is one packet, encoded once however many connections it goes to; a
 * `Block` is what one connection gathered in one tick. Connections that gathered the same frames in the same order
 * share the block, so the bytes of a tick are joined once per audience and not once per connection.
 */

/** Engine.IO's type of a packet that carries a message. */
const messageType = 0x34;
/** RFC 6455 §5.2: FIN and the opcode of text, and of bytes. */
const finalText = 0x81;
const finalBinary = 0x82;

/** One packet with its attachments: as they are for polling, and the same as complete WebSocket frames. */
export class Frame {
  /** The Socket.IO packet, without Engine.IO's type. */
  readonly text: string;
  readonly attachments: readonly Uint8Array[];
  /** It brings more than anybody sends at once: the content of a document. */
  readonly isWhole: boolean;
  #wire: Buffer | undefined;
  #block: Block | undefined;

  constructor(text: string, attachments: readonly Uint8Array[] = none) {
    this.text = text;
    this.attachments = attachments;
    this.isWhole = attachments.length > 0 && attachments.some(({ length }) => length > limits.updateBytes);
  }

  get wire(): Buffer {
    this.#wire ??= this.attachments.length === 0 ? toTextFrame(this.text) : this.#join();
    return this.#wire;
  }

  /** The block that holds this frame alone. */
  get block(): Block {
    this.#block ??= new Block(undefined, this);
    return this.#block;
  }

  #join(): Buffer {
    return Buffer.concat([toTextFrame(this.text), ...this.attachments.flatMap(toBinaryFrame)]);
  }
}

const none: readonly Uint8Array[] = [];

/** Frames in order, as a chain that connections share for as long as they receive the same. */
export class Block {
  readonly #previous: Block | undefined;
  readonly #frame: Frame;
  readonly #byteLength: number;
  readonly #frameCount: number;
  // One slot is enough: a fan-out appends the same frame to connection after connection.
  #next: Block | undefined;
  #wire: Buffer | undefined;

  constructor(previous: Block | undefined, frame: Frame) {
    this.#previous = previous;
    this.#frame = frame;
    this.#byteLength = (previous?.byteLength ?? 0) + frame.wire.length;
    this.#frameCount = (previous?.frameCount ?? 0) + 1;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  append(frame: Frame): Block {
    if (this.#next === undefined || this.#next.#frame !== frame) this.#next = new Block(this, frame);
    return this.#next;
  }

  /** All frames as the bytes of one write. */
  get wire(): Buffer {
    this.#wire ??= this.#previous === undefined ? this.#frame.wire : this.#join();
    return this.#wire;
  }

  frames(): Frame[] {
    const frames = new Array<Frame>(this.#frameCount);
    let at: Block | undefined = this;
    for (let index = this.#frameCount - 1; at !== undefined; index--, at = at.#previous) frames[index] = at.#frame;
    return frames;
  }

  #join(): Buffer {
    const joined = Buffer.allocUnsafe(this.#byteLength);
    let end = this.#byteLength;
    for (let at: Block | undefined = this; at !== undefined; at = at.#previous) {
      end -= at.#frame.wire.length;
      at.#frame.wire.copy(joined, end);
    }
    return joined;
  }
}

/** An event of the default namespace. */
export function encodeEvent(event: string, payload: unknown): Frame {
  return eventFrame(event, JSON.stringify(payload) ?? "null");
}

/** The same, of a payload that is encoded already. */
export function eventFrame(event: string, payload: EncodedPayload): Frame {
  if (typeof payload === "string") return new Frame(`2[${JSON.stringify(event)},${payload}]`);
  const { json, attachments } = payload;
  return new Frame(`5${attachments.length}-[${JSON.stringify(event)},${json}]`, attachments);
}

/** The acknowledgement of a packet; `bytesIn` are the fields of it that are bytes. */
export function encodeAck(packetId: number, answer: object, bytesIn?: readonly string[]): Frame {
  if (bytesIn === undefined) return new Frame(`3${packetId}${JSON.stringify([answer])}`);
  const { json, attachments } = encodeBytes(answer, bytesIn);
  return new Frame(`6${attachments.length}-${packetId}[${json}]`, attachments);
}

/** Bytes go without Engine.IO's type. */
function toBinaryFrame(bytes: Uint8Array): Uint8Array[] {
  const header = Buffer.allocUnsafe(headerBytesOf(bytes.length));
  writeHeader(header, finalBinary, bytes.length);
  return [header, bytes];
}

function toTextFrame(text: string): Buffer {
  const payloadBytes = Buffer.byteLength(text) + 1;
  const headerBytes = headerBytesOf(payloadBytes);
  const wire = Buffer.allocUnsafe(headerBytes + payloadBytes);
  writeHeader(wire, finalText, payloadBytes);
  wire[headerBytes] = messageType;
  wire.write(text, headerBytes + 1);
  return wire;
}

function headerBytesOf(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
}

function writeHeader(wire: Buffer, kind: number, payloadBytes: number): void {
  wire[0] = kind;
  if (payloadBytes < 126) {
    wire[1] = payloadBytes;
  } else if (payloadBytes < 65_536) {
    wire[1] = 126;
    wire.writeUInt16BE(payloadBytes, 2);
  } else {
    wire[1] = 127;
    wire.writeUInt32BE(0, 2);
    wire.writeUInt32BE(payloadBytes, 6);
  }
}
