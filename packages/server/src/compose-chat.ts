import type { AttachmentSource } from "./access/attachments.ts";
import type { PresenceView } from "./access/presence-view.ts";
import type { RoomGuard } from "./access/room-access.ts";
import type { Telling } from "./access/telling.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { CustomEmoji } from "./features/messages/custom-emoji.ts";
import { normaliseReaction } from "./features/messages/emoji.ts";
import { createMessageHandlers } from "./features/messages/messages.handlers.ts";
import { MessageStore } from "./features/messages/messages.store.ts";
import { Messages } from "./features/messages/messages.ts";
import { ReadMarkers } from "./features/messages/read-markers.ts";
import { SearchStore } from "./features/messages/search.store.ts";
import { MessageSearch } from "./features/messages/search.ts";
import { SearchIndex } from "./features/messages/search-index.ts";
import { TypingRelay } from "./features/messages/typing-relay.ts";
import { createConnectionObserver } from "./features/rooms/connecting.ts";
import { ListingStore } from "./features/rooms/listings.store.ts";
import { Members } from "./features/rooms/members.ts";
import { Occupancy } from "./features/rooms/occupancy.ts";
import { Opening } from "./features/rooms/opening.ts";
import { PageReader } from "./features/rooms/page-reader.ts";
import { RoomContents } from "./features/rooms/room-contents.ts";
import { RoomPageStore } from "./features/rooms/room-pages.store.ts";
import { createRoomHandlers } from "./features/rooms/rooms.handlers.ts";
import { RoomStore } from "./features/rooms/rooms.store.ts";
import { Rooms } from "./features/rooms/rooms.ts";
import { UserStreamStore } from "./features/rooms/user-stream.store.ts";
import type { HotPath } from "./hot-path/hot-path.ts";
import type { Topics } from "./hot-path/topics.ts";
import { createIdSource } from "./lib/ids.ts";
import { type CountRead, createReadCounter, type Metrics } from "./lib/metrics.ts";
import type { Clock } from "./ports/clock.ts";
import type { Draft } from "./ports/moderator.ts";

export interface ChatWorld {
  database: Database;
  hotPath: HotPath;
  topics: Topics;
  guard: RoomGuard;
  clock: Clock;
  epoch: string;
  nonceSecret: string;
  settings: Settings;
  metrics: Metrics;
  onFault: (error: unknown) => void;
  moderate: (draft: Draft) => Promise<void>;
  presence: PresenceView;
  onCrowdOpened: (roomId: string) => void;
  telling: Telling;
  attachments: AttachmentSource;
}

export type Chat = ReturnType<typeof composeChat>;

/** Rooms and messages with their handlers. */
export function composeChat(world: ChatWorld) {
  const { database, hotPath, topics, clock, settings, metrics } = world;
  const createId = createIdSource(() => clock.now());
  const store = new RoomStore(database);
  const countRead = createReadCounter(metrics);
  const userStreams = new UserStreamStore(database, countRead);
  const occupancy = new Occupancy({
    clock,
    onJoined: (roomId, person) => topics.signal(`room:${roomId}`, "user_joined_room", visitOf(roomId, person)),
    onLeft: (roomId, person) => topics.signal(`room:${roomId}`, "user_left_room", visitOf(roomId, person)),
  });
  const rooms = new Rooms({ ...world, store, listings: new ListingStore(database), userStreams, createId });
  const members = new Members({ ...world, store, rooms, createId });
  const opening = composeOpening({ ...world, userStreams, occupancy }, countRead);

  const messageStore = new MessageStore(database);
  const typing = new TypingRelay({
    clock,
    emit: (event, { roomId, userId, username, threadId }) =>
      topics.signal(`room:${roomId}`, event, {
        payload: { roomId, userId, username, ...(threadId ? { threadId } : {}) },
        subject: `typing ${userId} ${threadId ?? ""}`,
        exceptUserId: userId,
      }),
  });
  const emoji = new CustomEmoji(messageStore, clock);
  const messages = new Messages({
    ...world,
    store: messageStore,
    emoji,
    createId,
    moderate: ({ session, ...draft }) =>
      world.moderate({ ...draft, userId: session.userId, username: session.username }),
    onDuplicate: () => metrics.duplicateNonces.inc(),
  });
  const markers = new ReadMarkers({ ...world, store: messageStore });

  return {
    rooms,
    members,
    messages,
    typing,
    occupancy,
    /** Somebody who is here wants to be seen no more, or again. */
    setHidden(userId: string, isHidden: boolean): void {
      if (isHidden)
        for (const connectionId of topics.listConnections(`user:${userId}`)) typing.disconnect(connectionId);
      occupancy.setHidden(userId, isHidden);
    },
    normaliseEmoji: async (written: string) => normaliseReaction(written, await emoji.tester(written)),
    observer: createConnectionObserver({
      hotPath,
      topics,
      userStreams,
      occupancy,
      onDisconnected: (session) => typing.disconnect(session.connectionId),
    }),
    handlers: {
      ...createRoomHandlers({
        rooms,
        members,
        opening,
        topics,
        hasChat: settings.enableChat,
        onClosed: (session, roomId) => typing.stop(roomId, session.userId),
      }),
      ...createMessageHandlers({ ...world, messages, search: composeSearch(world), markers, typing }),
    },
    close(): void {
      typing.close();
      occupancy.close();
    },
  };
}

/** Of somebody's coming and going only the last counts. */
function visitOf(roomId: string, person: { userId: string; username: string }) {
  return { payload: { roomId, ...person }, subject: `visit ${person.userId}`, exceptUserId: person.userId };
}

function composeOpening(
  world: ChatWorld & { userStreams: UserStreamStore; occupancy: Occupancy },
  countRead: CountRead,
): Opening {
  const { database, hotPath, settings, metrics } = world;
  const store = new RoomPageStore(database, countRead);
  const contents = new RoomContents({ store, hubs: hotPath.hubs, catchUpLimit: settings.catchUpLimit });
  return new Opening({
    ...world,
    pages: new PageReader({ ...world, contents }),
    onResumed(result, changeCount) {
      metrics.resumes.inc({ result });
      metrics.resumeEvents.observe(changeCount);
    },
    onDenied: () => metrics.resumes.inc({ result: "denied" }),
  });
}

function composeSearch({ database, clock, guard }: ChatWorld): MessageSearch {
  const store = new SearchStore(database);
  return new MessageSearch({ guard, store, index: new SearchIndex({ store, clock }) });
}
