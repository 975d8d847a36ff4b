import { limits } from "@mirage/protocol";
import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser";

/**
 * The parser of what clients send, with everything turned away that Socket.IO itself would choke on: a packet with
 * tens of thousands of arguments overflows its stack, one attachment named thousands of times becomes hundreds of
 * megabytes, and packets of unknown namespaces or endless CONNECTs cost work without a session.
 * What throws here closes the connection it came from.
 */

/** A CONNECT carries a token of at most 16 KiB, and little else. */
const connectBytes = 32 * 1024;
/** A client that was refused may try again with another token on the same link. */
const connectsPerLink = 10;

/** An event as it came in. */
export interface EventPacket extends Packet {
  /** The event has more bytes than an event may have. */
  isOversize?: boolean;
}

class GuardedDecoder extends Decoder {
  #connects = 0;
  #isOversize = false;
  /** An event has announced its one attachment. */
  #awaitsAttachment = false;

  constructor() {
    super();
    // First of the listeners: when it throws, the ones behind it never see the packet.
    this.on("decoded", (packet: EventPacket) => {
      if (Array.isArray(packet.data) && packet.data.length > limits.eventArguments) {
        throw new Error("too many arguments");
      }
      if (this.#isOversize) packet.isOversize = true;
    });
  }

  override add(chunk: unknown): void {
    if (typeof chunk !== "string") {
      if (!this.#awaitsAttachment) throw new Error("bytes that belong to no event");
      this.#awaitsAttachment = false;
      this.#isOversize ||= ArrayBuffer.isView(chunk) && chunk.byteLength > limits.eventBytes;
      super.add(chunk);
      return;
    }
    const type = chunk.charCodeAt(0) - 48;
    if (type === PacketType.EVENT) {
      this.#isOversize = hasMoreBytes(chunk, limits.eventBytes);
    } else if (type === PacketType.BINARY_EVENT) {
      // No command takes bytes. One attachment in one place is read all the same, so that its sender is told so.
      if (!chunk.startsWith("51-") || chunk.split('"_placeholder"').length !== 2)
        throw new Error("too many attachments");
      this.#isOversize = hasMoreBytes(chunk, limits.eventBytes);
      this.#awaitsAttachment = true;
    } else if (type === PacketType.CONNECT) {
      this.#connects++;
      if (this.#connects > connectsPerLink || hasMoreBytes(chunk, connectBytes)) throw new Error("too many connects");
    } else if (type !== PacketType.DISCONNECT) {
      // Nothing is ever sent that asks for an acknowledgement, so there is none to receive.
      throw new Error("unexpected packet");
    }
    super.add(chunk);
  }
}

/** UTF-8 takes between one and three bytes for a unit of UTF-16, so most texts need no counting. */
function hasMoreBytes(text: string, max: number): boolean {
  if (text.length > max) return true;
  return text.length * 3 > max && Buffer.byteLength(text) > max;
}

export const guardedParser = { Encoder, Decoder: GuardedDecoder };
