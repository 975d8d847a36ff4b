/**
 * What is written to a connection. A `Frame` is one packet, encoded once however many connections it goes to; a
 * `Block` is what one connection gathered in one tick. Connections that gathered the same frames in the same order
 * share the block, so the bytes of a tick are joined once per audience and not once per connection.
 */

/** Engine.IO's type of a packet that carries a message. */
const messageType = 0x34;
/** RFC 6455 §5.2: FIN and the opcode of text. */
const finalText = 0x81;

/** One packet: its text for polling, and the same as a complete WebSocket frame. */
export class Frame {
  /** The Socket.IO packet, without Engine.IO's type. */
  readonly text: string;
  #wire: Buffer | undefined;
  #block: Block | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get wire(): Buffer {
    this.#wire ??= toWebSocketFrame(this.text);
    return this.#wire;
  }

  /** The block that holds this frame alone. */
  get block(): Block {
    this.#block ??= new Block(undefined, this);
    return this.#block;
  }
}

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

/** The same, of a payload that is JSON already. */
export function eventFrame(event: string, json: string): Frame {
  return new Frame(`2[${JSON.stringify(event)},${json}]`);
}

/** The acknowledgement of a packet. */
export function encodeAck(packetId: number, answer: object): Frame {
  return new Frame(`3${packetId}${JSON.stringify([answer])}`);
}

function toWebSocketFrame(text: string): Buffer {
  const payloadBytes = Buffer.byteLength(text) + 1;
  const headerBytes = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
  const wire = Buffer.allocUnsafe(headerBytes + payloadBytes);
  wire[0] = finalText;
  if (headerBytes === 2) {
    wire[1] = payloadBytes;
  } else if (headerBytes === 4) {
    wire[1] = 126;
    wire.writeUInt16BE(payloadBytes, 2);
  } else {
    wire[1] = 127;
    wire.writeUInt32BE(0, 2);
    wire.writeUInt32BE(payloadBytes, 6);
  }
  wire[headerBytes] = messageType;
  wire.write(text, headerBytes + 1);
  return wire;
}
