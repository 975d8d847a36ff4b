import { BareLink } from "@mirage/testing/bare-link";
import { signToken } from "@mirage/testing/tokens";
import { inParallel } from "./in-parallel.ts";
import { deliveries, Member, type Room } from "./member.ts";
import type { HeardReport, OpenOrder, OpenReport } from "./orders.ts";
import { Tally } from "./samples.ts";

const atOnce = 50;
const pongMs = 20_000;
const hearEveryMs = 5;

/** Everyone who is connected, with the rooms they are in. */
export class Audience {
  readonly #order: OpenOrder;
  rooms: Room[] = [];
  readonly members: Member[] = [];
  readonly #seeing = new Map<Room, Member>();

  constructor(order: OpenOrder) {
    this.#order = order;
  }

  get senders(): Member[] {
    return this.members.filter(({ isSender }) => isSender);
  }

  get port(): number {
    return this.#order.port;
  }

  get membersPerRoom(): number {
    return this.#order.shape.membersPerRoom;
  }

  get contentBytes(): number {
    return this.#order.shape.contentBytes;
  }

  /** A sampled reader of a room: what it got, everyone there gets. */
  seeing(room: Room): Member | undefined {
    let seeing = this.#seeing.get(room);
    if (!seeing) {
      seeing = this.members.find((member) => member.isSampled && member.room === room);
      if (seeing) this.#seeing.set(room, seeing);
    }
    return seeing;
  }

  /** Makes the rooms and fills them; whoever does not get in is counted. */
  async open(onProgress: (line: string) => void): Promise<OpenReport> {
    const startedMs = performance.now();
    const { rooms, membersPerRoom } = this.#order.shape;
    const failures = new Tally();
    this.rooms = await this.#makeRooms(rooms);
    const seats = Array.from({ length: rooms * membersPerRoom }, (_, seat) => seat);
    let done = 0;
    const sit = async (seat: number): Promise<void> => {
      const member = this.#seat(seat);
      try {
        await member.open();
        this.members.push(member);
      } catch (error) {
        failures.add(error instanceof Error ? error.message : String(error));
      }
      if (++done % 500 === 0) onProgress(`${done} of ${seats.length} connected`);
    };
    await inParallel(seats, { atOnce, work: sit });
    // A link that is blind does not see pings.
    setInterval(() => {
      for (const { link } of this.members) if (link.isBlind) link.sendPong();
    }, pongMs);
    const tookMs = performance.now() - startedMs;
    const roomIds = this.rooms.map(({ id }) => id);
    const connections = this.members.length;
    return { kind: "opened", roomIds, connections, failures: failures.toRecord(), tookMs };
  }

  /** Waits until everybody has got one notification more than by now. */
  async hear(timeoutMs: number): Promise<HeardReport> {
    const wanted = deliveries.notifications + this.members.length;
    const endMs = performance.now() + timeoutMs;
    while (deliveries.notifications < wanted && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, hearEveryMs));
    return { kind: "heard", atMs: Date.now(), missing: wanted - deliveries.notifications };
  }

  async #makeRooms(count: number): Promise<Room[]> {
    const { port, jwtSecret } = this.#order;
    const link = new BareLink({ port, token: signToken({ userId: "founder", username: "founder" }, jwtSecret) });
    await link.opened;
    const rooms: Room[] = [];
    const make = async (index: number): Promise<void> => {
      const room = { name: `Room ${index + 1}`, type: "public" };
      const { room: made } = await link.request<{ room: { id: string } }>("create_room", room);
      rooms.push({ id: made.id, accepted: 0 });
    };
    const indexes = Array.from({ length: count }, (_, index) => index);
    await inParallel(indexes, { atOnce, work: make });
    link.destroy();
    return rooms;
  }

  /** Seats go round the rooms, so that senders and sampled readers are spread over all of them. */
  #seat(seat: number): Member {
    const { port, jwtSecret, shape, firstUser = 0 } = this.#order;
    const room = this.rooms[seat % shape.rooms];
    if (!room) throw new Error("there is no room to sit in");
    const isSender = seat < shape.senders;
    // Readers are sampled before senders, who have acknowledgements to look at already.
    const isSampled =
      shape.sampledReaders >= shape.rooms * shape.membersPerRoom ||
      (!isSender && seat < shape.senders + shape.sampledReaders);
    const localAddress = `127.0.0.${1 + Math.floor(seat / 20_000)}`;
    return new Member({ port, jwtSecret, userId: `user-${firstUser + seat}`, room, isSender, isSampled, localAddress });
  }
}
