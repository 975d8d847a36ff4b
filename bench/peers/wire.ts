// As much of Socket.IO's wire as the servers without Socket.IO need, so that one load generator can drive them all.

/** A room of a server that keeps nothing. */
export interface BareRoom<Link> {
  id: string;
  seq: number;
  links: Set<Link>;
}

/** What a link does for the wire: take one frame. */
export interface BareWriter {
  write(frame: Buffer): void;
}

export interface BareServerOptions<Link extends BareWriter> {
  /** Hands one event to everyone in the room. */
  publish(room: BareRoom<Link>, frame: Buffer): void;
  /** Sends an answer, behind what the same link was sent before. */
  answer(link: Link, frame: Buffer): void;
}

/** Rooms in memory, and the answers to the packets of the workloads. */
export class BareServer<Link extends BareWriter> {
  readonly #options: BareServerOptions<Link>;
  readonly rooms = new Map<string, BareRoom<Link>>();

  constructor(options: BareServerOptions<Link>) {
    this.#options = options;
  }

  greet(link: Link): void {
    const settings = { sid: "bare", upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 };
    link.write(encodeText(`0${JSON.stringify(settings)}`));
  }

  take(link: Link, packet: string): void {
    const [, id = "", body = ""] = /^42(\d+)(\[.*)$/s.exec(packet) ?? [];
    if (body !== "") this.#carryOut(link, id, body);
    else if (packet.startsWith("40")) link.write(encodeText('40{"sid":"bare"}'));
  }

  forget(link: Link): void {
    for (const room of this.rooms.values()) room.links.delete(link);
  }

  #carryOut(link: Link, id: string, body: string): void {
    const [name, payload] = JSON.parse(body) as [string, { roomId: string; content: string }];
    const answer = (reply: object): void =>
      this.#options.answer(link, encodeText(`43${id}[${JSON.stringify({ ok: true, ...reply })}]`));
    const room = this.rooms.get(payload.roomId);
    if (name === "create_room") {
      answer({ room: { id: this.#createRoom() } });
    } else if (!room) {
      answer({ ok: false, error: { code: "not_found" } });
    } else if (name === "join_room") {
      room.links.add(link);
      answer({ seq: room.seq });
    } else if (name === "chat_message") {
      const message = makeMessage({ roomId: room.id, content: payload.content, seq: ++room.seq });
      this.#options.publish(room, encodeEvent("chat_message", message));
      answer({ message });
    }
  }

  #createRoom(): string {
    const id = `room-${this.rooms.size + 1}`;
    this.rooms.set(id, { id, seq: 0, links: new Set() });
    return id;
  }
}

/** A message with the fields, and about the size, of the product's. */
export function makeMessage(message: { roomId: string; content: string; seq: number }): object {
  return {
    id: "019abcde-0000-7000-8000-000000000000",
    roomId: message.roomId,
    userId: "user-000000",
    username: "user-000000",
    content: message.content,
    type: "text",
    metadata: {},
    timestamp: "2026-01-01T00:00:00.000Z",
    edited: false,
    reactions: [],
    seq: message.seq,
    updatedSeq: message.seq,
  };
}

export function encodeEvent(name: string, payload: object): Buffer {
  return encodeText(`42${JSON.stringify([name, payload])}`);
}

/** A whole WebSocket frame of text. */
function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headBytes = length < 126 ? 2 : 4;
  if (length > 65_535) throw new Error(`a frame of ${length} bytes is more than this wire needs`);
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = 0x81;
  frame[1] = Math.min(length, 126);
  if (headBytes === 4) frame.writeUInt16BE(length, 2);
  frame.write(text, headBytes);
  return frame;
}

/** Tells whoever started this server where it listens. */
export function sayReady(port: number): void {
  console.log(JSON.stringify({ port }));
}
