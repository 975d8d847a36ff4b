import { type CommandName, commands, limits } from "@mirage/protocol";
import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser";

/**
 * The parser of what clients send, with everything turned away that Socket.IO itself would choke on: a packet with
 * tens of thousands of arguments overflows its stack, one attachment named thousands of times becomes hundreds of
 * megabytes, and packets of unknown namespaces or endless CONNECTs cost work without a session.
 * What throws here closes the connection it came from, and nobody is told why. So what a client may do by mistake does
 * not throw: of such an event only the name goes on, to be refused; whatever else it brought is dropped here, and
 * nothing behind this parser ever sees it.
 */

/** A CONNECT carries a token of at most 16 KiB, and little else. */
const connectBytes = 32 * 1024;
/** A client that was refused may try again with another token on the same link. */
const connectsPerLink = 10;
/** More of either is no mistake: the connection is closed. */
const maxArguments = 100;
const maxAttachments = 10;
/** What Socket.IO keeps for itself; its own parser throws at these, and its own clients do not send them. */
const reservedEvent =
  /^2(\d{0,15})\["(connect|connect_error|disconnect|disconnecting|newListener|removeListener)"[\],]/;

/** The id and the name of an event with attachments, where reading them takes no JSON. */
const plainName = /^5\d{1,2}-(\d{0,15})\["([^"\\]{1,64})"/;

/** The credentials that take the place of those that are too large: `admit` refuses them. */
export const oversizeAuth = { isOversize: true } as const;

/** An event as it came in. */
export interface EventPacket extends Packet {
  /** The event has more bytes than an event may have. */
  isOversize?: boolean;
  /** Why it is refused whatever it asks for; its arguments are gone. */
  fault?: string;
}

class GuardedDecoder extends Decoder {
  #connects = 0;
  #isOversize = false;
  /** Bytes that the event's attachment may have. */
  #maxAttachmentBytes: number = limits.eventBytes;
  /** Attachments of an event that are still to come. */
  #awaited = 0;
  /** An event that is refused as soon as the bytes it announced have passed by. */
  #refused: EventPacket | undefined;

  constructor() {
    super();
    // First of the listeners: when it throws, the ones behind it never see the packet.
    this.on("decoded", (packet: EventPacket) => {
      const count = Array.isArray(packet.data) ? packet.data.length : 0;
      if (count > maxArguments) throw new Error("too many arguments");
      if (count > limits.eventArguments) strip(packet, "too many arguments");
      if (this.#isOversize) packet.isOversize = true;
    });
  }

  override add(chunk: unknown): void {
    if (typeof chunk !== "string") this.#addBytes(chunk);
    else if (this.#awaited > 0) throw new Error("an event in the middle of another");
    else this.#addText(chunk);
  }

  #addBytes(chunk: unknown): void {
    if (this.#awaited === 0) throw new Error("bytes that belong to no event");
    this.#awaited--;
    this.#isOversize ||= ArrayBuffer.isView(chunk) && chunk.byteLength > this.#maxAttachmentBytes;
    if (this.#refused === undefined) super.add(chunk);
    else if (this.#awaited === 0) {
      const packet = this.#refused;
      this.#refused = undefined;
      this.#pass(packet);
    }
  }

  #addText(chunk: string): void {
    const type = chunk.charCodeAt(0) - 48;
    if (type === PacketType.EVENT) this.#addEvent(chunk);
    else if (type === PacketType.BINARY_EVENT) this.#addBinaryEvent(chunk);
    else if (type === PacketType.CONNECT) this.#addConnect(chunk);
    // Nothing is ever sent that asks for an acknowledgement, so there is none to receive.
    else if (type === PacketType.DISCONNECT) super.add(chunk);
    else throw new Error("unexpected packet");
  }

  #addEvent(chunk: string): void {
    this.#isOversize = hasMoreBytes(chunk, limits.eventBytes);
    const [, id = "", name] = reservedEvent.exec(chunk) ?? [];
    if (name === undefined) super.add(chunk);
    else this.#pass(refusedEvent(id, name, "a name that is reserved"));
  }

  /** Only commands of documents take bytes. A single attachment in one place is read, all others pass by unread. */
  #addBinaryEvent(chunk: string): void {
    const attachments = Number(/^5(\d{1,2})-/.exec(chunk)?.[1] ?? 0);
    const placeholders = chunk.split('"_placeholder"', maxAttachments + 2).length - 1;
    if (attachments < 1 || attachments > maxAttachments || placeholders !== attachments)
      throw new Error("too many attachments");
    this.#isOversize = hasMoreBytes(chunk, limits.eventBytes);
    this.#awaited = attachments;
    const [, id = "", name] = plainName.exec(chunk) ?? [];
    this.#maxAttachmentBytes = name !== undefined && takesBytes(name) ? limits.updateBytes : limits.eventBytes;
    if (attachments === 1) {
      super.add(chunk);
      return;
    }
    if (name === undefined) throw new Error("too many attachments");
    this.#refused = refusedEvent(id, name, "too many attachments");
  }

  #addConnect(chunk: string): void {
    this.#connects++;
    if (this.#connects > connectsPerLink) throw new Error("too many connects");
    if (!hasMoreBytes(chunk, connectBytes)) super.add(chunk);
    else if (chunk.startsWith("0{")) super.add(`0${JSON.stringify(oversizeAuth)}`);
    else throw new Error("a connect that is too large");
  }

  #pass(packet: EventPacket): void {
    this.emitReserved("decoded", packet);
  }
}

function refusedEvent(id: string, name: string, fault: string): EventPacket {
  const packet: EventPacket = { type: PacketType.EVENT, nsp: "/", data: [name], fault };
  return id === "" ? packet : { ...packet, id: Number(id) };
}

function takesBytes(name: string): boolean {
  return Object.hasOwn(commands, name) && commands[name as CommandName].bytesIn !== undefined;
}

/** Leaves nothing of an event but its name, and why. */
function strip(packet: EventPacket, fault: string): void {
  packet.data = packet.data.slice(0, 1);
  packet.fault = fault;
}

/** UTF-8 takes between one and three bytes for a unit of UTF-16, so most texts need no counting. */
function hasMoreBytes(text: string, max: number): boolean {
  if (text.length > max) return true;
  return text.length * 3 > max && Buffer.byteLength(text) > max;
}

export const guardedParser = { Encoder, Decoder: GuardedDecoder };
