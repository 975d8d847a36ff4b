import type { EventName, EventPayload } from "@mirage/protocol";
import { request, type TestSocket } from "./sockets.ts";

type Received = { [Name in EventName]: { name: Name; payload: EventPayload<Name> } }[EventName];

const presenceEvents: ReadonlySet<EventName> = new Set([
  "presence_changed",
  "user_online",
  "user_offline",
  "room_presence",
]);

/** Everything one connection is sent, in order of arrival. */
export class Inbox {
  readonly socket: TestSocket;
  #received: Received[] = [];

  constructor(socket: TestSocket) {
    this.socket = socket;
    socket.onAny((name: EventName, payload: EventPayload<EventName>) => {
      this.#received.push({ name, payload } as Received);
    });
  }

  get names(): EventName[] {
    return this.#received.map((event) => event.name);
  }

  /** Without what tells of people's comings and goings, which happens when it happens. */
  get namesBesidePresence(): EventName[] {
    return this.names.filter((name) => !presenceEvents.has(name));
  }

  /** Payloads of one event. */
  of<Name extends EventName>(name: Name): EventPayload<Name>[] {
    return this.#received.flatMap((event) => (event.name === name ? [event.payload as EventPayload<Name>] : []));
  }

  /**
   * Waits until all that was on its way to the connection has arrived: what goes to one connection keeps its order, so
   * the answer to a request comes last.
   */
  async settle(): Promise<this> {
    await request(this.socket, "leave_room", { roomId: "a-room-that-is-not-there" });
    return this;
  }

  /** What has arrived by now, of one event; and forgets everything. */
  async take<Name extends EventName>(name: Name): Promise<EventPayload<Name>[]> {
    await this.settle();
    const taken = this.of(name);
    this.#received = [];
    return taken;
  }

  clear(): void {
    this.#received = [];
  }
}
