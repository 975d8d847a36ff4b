import type { CommandInput, CommandName, CommandReply, EventName, EventPayload } from "@mirage/protocol";
import { Connection } from "./connection/connection.ts";
import type { ConnectionState } from "./connection/connection-state.ts";
import { Http } from "./connection/http.ts";
import { watchNetwork } from "./connection/network.ts";
import { Requests } from "./connection/requests.ts";
import { createSocketioTransport } from "./connection/socketio-transport.ts";
import { TokenRenewal } from "./connection/token-renewal.ts";
import { Files } from "./files/files.ts";
import type { FilesHandle } from "./files/files-handle.ts";
import type { FileSender } from "./files/send-file.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { createId, secureRandom } from "./lib/id.ts";
import { Listeners, type ReadonlyStore } from "./lib/store.ts";
import { Notifications } from "./notifications/notifications.ts";
import type { NotificationsHandle } from "./notifications/notifications-state.ts";
import { People } from "./presence/people.ts";
import type { PresenceHandle } from "./presence/presence-handle.ts";
import type { Realtime, RealtimeOptions } from "./realtime.ts";
import { openIndexeddbOutbox } from "./rooms/indexeddb-outbox.ts";
import { createMemoryOutbox } from "./rooms/memory-outbox.ts";
import { Outbox } from "./rooms/outbox.ts";
import { OutboxFiles } from "./rooms/outbox-files.ts";
import type { OutboxStorage } from "./rooms/outbox-storage.ts";
import type { RoomHandle } from "./rooms/room-handle.ts";
import { Rooms } from "./rooms/rooms.ts";
import type { RoomsState } from "./rooms/rooms-state.ts";

/**
 * Makes a client for one signed-in person, and connects it. Make one for a page, not one for a view.
 *
 * @example
 * const realtime = createRealtime({ url: "https://chat.example", getToken: fetchToken });
 * const room = realtime.room("general");
 * room.state.subscribe(() => show(room.state.get().items));
 * const release = room.open();
 * room.send({ content: "Hello" });
 */
export function createRealtime(options: RealtimeOptions): Realtime {
  const client = new Client(options);
  if (options.autoConnect !== false) client.connect();
  return client;
}

/** Loaded with the first file that is sent. */
const sendLater: FileSender = async (request) => (await import("./files/send-file.ts")).sendFile(request);

/** Ties the parts together; each of them knows nothing of this one. */
class Client implements Realtime {
  readonly #options: RealtimeOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #http: Http;
  readonly #files: Files;
  readonly #outbox: Outbox;
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #notifications: Notifications;
  readonly #renewal: TokenRenewal;
  readonly #listeners = new Map<string, Listeners<[unknown]>>();
  #userId: string | undefined;
  #unwatchNetwork: () => void = () => undefined;
  #isClosed = false;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? secureRandom;
    const parts = { clock: this.#clock, random: this.#random, isOnline: () => this.#connection.isOnline };
    this.#connection = this.#makeConnection();
    this.#requests = new Requests({ ...parts, send: (...call) => this.#connection.send(...call) });
    this.#http = new Http({ url: options.url, getToken: options.getToken, clock: this.#clock });
    const { url, getToken, sendFile: send = sendLater } = options;
    this.#files = new Files({ ...parts, requests: this.#requests, url, getToken, send });
    this.#outbox = new Outbox({
      ...parts,
      files: new OutboxFiles(this.#files),
      requests: this.#requests,
      changed: (roomId) => this.#rooms.roomChanged(roomId),
      // Opening a public room is what makes one a member of it: a message must not overtake that.
      maySend: (roomId) => !this.#rooms.sync.isJoining(roomId),
      confirmed: (message) => this.#rooms.room(message.roomId).model.takeAnswer(message),
    });
    const user = () => this.#connection.state.get().user ?? this.#userFromOptions();
    const userId = () => this.#userId;
    const requests = this.#requests;
    this.#people = new People({ ...parts, requests, userId });
    this.#rooms = new Rooms({
      ...parts,
      requests,
      outbox: this.#outbox,
      user,
      userId,
      sawMembers: (members) => this.#people.takeMembers(members),
      takeOwn: (own) => this.#notifications.takeResumed(own),
    });
    this.#notifications = new Notifications({
      ...parts,
      requests,
      takeUserEvent: (event, apply) => this.#rooms.sync.takeUserEvent(event, apply),
    });
    this.#renewal = new TokenRenewal({ ...parts, requests: this.#requests, getToken: options.getToken });
    if (options.userId !== undefined) this.#identify(options.userId);
  }

  get connection(): ReadonlyStore<ConnectionState> {
    return this.#connection.state;
  }

  get rooms(): ReadonlyStore<RoomsState> {
    return this.#rooms.state;
  }

  get presence(): PresenceHandle {
    return this.#people;
  }

  get files(): FilesHandle {
    return this.#files;
  }

  get notifications(): NotificationsHandle {
    return this.#notifications;
  }

  room(roomId: string): RoomHandle {
    return this.#rooms.room(roomId);
  }

  request<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandReply<Name>> {
    return this.#requests.ask(name, input);
  }

  search(input: CommandInput<"search_messages">): Promise<CommandReply<"search_messages">> {
    return this.#requests.ask("search_messages", input);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return this.#http.fetch(path, init);
  }

  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  on(name: string, listener: (payload: unknown) => void): () => void;
  on(name: string, listener: (payload: never) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Listeners<[unknown]>();
    this.#listeners.set(name, listeners);
    return listeners.add((payload) => listener(payload as never));
  }

  connect(): void {
    if (this.#connection.state.get().status !== "idle") return;
    this.#unwatchNetwork = watchNetwork({
      lost: () => this.#connection.handle({ type: "network_lost" }),
      back: () => this.#connection.handle({ type: "network_back" }),
    });
    this.#connection.handle({ type: "start" });
  }

  reconnectNow(): void {
    this.#connection.handle({ type: "try_now" });
  }

  refreshRooms(): Promise<void> {
    return this.#rooms.sync.refreshList();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatchNetwork();
    this.#renewal.close();
    this.#rooms.close();
    this.#people.close();
    this.#notifications.close();
    this.#connection.handle({ type: "stop" });
    this.#outbox.close();
    this.#files.close();
    this.#requests.close();
    this.#http.close();
  }

  #makeConnection(): Connection {
    const { url, transports = ["websocket", "polling"], getToken, userId } = this.#options;
    const transport = this.#options.transport ?? createSocketioTransport({ url, transports });
    return new Connection(
      { transport, getToken, userId, clock: this.#clock, random: this.#random },
      {
        identified: (known) => this.#identify(known),
        opened: () => {
          this.#rooms.sync.opened();
          this.#requests.opened();
          this.#people.opened();
          this.#notifications.opened();
          this.#outbox.drain();
        },
        lost: () => {
          this.#rooms.sync.lost();
          this.#renewal.close();
          this.#requests.lost();
          this.#outbox.lost();
        },
        event: (name, payload) => this.#takeEvent(name, payload),
      },
    );
  }

  #takeEvent(name: string, payload: unknown): void {
    if (name === "auth_expiring") this.#renewal.start();
    if (name === "server_draining") {
      const { reconnectInMs } = payload as EventPayload<"server_draining">;
      this.#connection.handle({ type: "draining", inMs: reconnectInMs });
    }
    this.#rooms.take(name as EventName, payload as EventPayload<EventName>);
    this.#people.take(name as EventName, payload as EventPayload<EventName>);
    this.#notifications.take(name as EventName, payload as EventPayload<EventName>);
    this.#listeners.get(name)?.tell(payload);
  }

  /** From here on it is known whose messages are kept. */
  #identify(userId: string): void {
    if (this.#userId !== undefined) return;
    this.#userId = userId;
    this.#openStorage(userId).then((storage) => {
      if (this.#isClosed) storage.close();
      else this.#outbox.start(storage);
    });
  }

  async #openStorage(userId: string): Promise<OutboxStorage> {
    const { storage = typeof indexedDB === "undefined" ? "memory" : "indexeddb" } = this.#options;
    if (typeof storage === "object") return storage;
    if (storage === "memory") return createMemoryOutbox();
    const tabId = createId(this.#random);
    // Private windows may forbid it: sending still works, it only does not survive a reload.
    return openIndexeddbOutbox({ userId, clock: this.#clock, tabId }).catch(() => createMemoryOutbox());
  }

  #userFromOptions(): { userId: string; username: string } | undefined {
    return this.#userId === undefined ? undefined : { userId: this.#userId, username: "" };
  }
}
