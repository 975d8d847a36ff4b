import type { CommandInput, CommandName, CommandReply, EventName, EventPayload } from "@mirage/protocol";
import type { ConnectionState } from "./connection/connection-state.ts";
import type { Transport } from "./connection/transport.ts";
import type { FilesHandle } from "./files/files-handle.ts";
import type { FileSender } from "./files/send-file.ts";
import type { Clock } from "./lib/clock.ts";
import type { ReadonlyStore } from "./lib/store.ts";
import type { NotificationsHandle } from "./notifications/notifications-state.ts";
import type { PresenceHandle } from "./presence/presence-handle.ts";
import type { OutboxStorage } from "./rooms/outbox-storage.ts";
import type { RoomHandle } from "./rooms/room-handle.ts";
import type { RoomsState } from "./rooms/rooms-state.ts";

/** How a client is made. Only `getToken` is needed. */
export interface RealtimeOptions {
  /** Address of the server. Default: the page's own. */
  url?: string;
  /**
   * Answers a valid token; called for every connection and shortly before the token expires.
   * A rejection is tried again later, except a `RealtimeError` with the code `unauthenticated`, which stops the client.
   */
  getToken: () => Promise<string>;
  /** Who is signed in. Default: what the token says. With it, unsent messages show before the first token arrives. */
  userId?: string;
  /** Where unsent messages are kept. Default: `indexeddb` where there is one, else `memory`. */
  storage?: OutboxStorage | "indexeddb" | "memory";
  /** Default: websocket, then polling where websockets do not get through. */
  transports?: readonly ("websocket" | "polling")[];
  /** Whether to connect at once. Default: true. */
  autoConnect?: boolean;
  /** For tests: the way of files to the server. */
  sendFile?: FileSender;
  /** For tests: time. */
  clock?: Clock;
  /** For tests: numbers from 0 up to 1. */
  random?: () => number;
  /** For tests: the way to the server. */
  transport?: Transport;
}

/**
 * One person's connection to the server, and everything that is followed over it.
 * It connects by itself, comes back by itself, and then catches up without a gap.
 */
export interface Realtime {
  /** How the connection stands, and when it is tried again. */
  readonly connection: ReadonlyStore<ConnectionState>;
  /** One's rooms, with unread counts and last messages kept live. */
  readonly rooms: ReadonlyStore<RoomsState>;
  /** Who is here, and what one shows of oneself. */
  readonly presence: PresenceHandle;
  /** Files of messages. */
  readonly files: FilesHandle;
  /** One's notifications; nothing is loaded until it is asked for. */
  readonly notifications: NotificationsHandle;
  /** Answers the handle of a room; nothing is loaded until it is opened. */
  room(roomId: string): RoomHandle;
  /**
   * Sends one command and answers its reply. Waits for a connection; gives up after 10 s.
   * @throws RealtimeError with the server's code, or `timeout`, `disconnected`, `closed`.
   */
  request<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandReply<Name>>;
  /**
   * Finds messages with all words of `query`, newest first, in one room or in all of one's own; the last word may be a
   * beginning. `before` and `after` are instants in ISO 8601. A page may hold fewer hits than there is room for (20): go on
   * with `cursor` until `nextCursor` is null.
   * @throws RealtimeError `bad_request` without a word, `unavailable` while a large room is looked through for the first
   * time (trying again goes on there), or as any request.
   */
  search(input: CommandInput<"search_messages">): Promise<CommandReply<"search_messages">>;
  /**
   * Asks the server over HTTP, as this person: `path` begins with `/api/v1/`. Answers only what says yes; gives up after 60 s.
   * @throws RealtimeError with the server's code, or `unavailable`, `timeout`, `closed`.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Calls on every event of this name, after the client has applied it; returns the unsubscriber. */
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  /** The same for an event of the host's own, as its server sends them with `broadcastToRoom`. */
  on(name: string, listener: (payload: unknown) => void): () => void;
  /** Starts a client that was made with `autoConnect: false`. */
  connect(): void;
  /** Ends a wait, or starts over after a refusal. */
  reconnectNow(): void;
  /** Reads the list of rooms again. */
  refreshRooms(): Promise<void>;
  /** Ends everything, for good. What is unsent stays stored. */
  close(): void;
}
