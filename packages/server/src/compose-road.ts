import type { PresenceView } from "./access/presence-view.ts";
import { RoomGuard } from "./access/room-access.ts";
import { createAfterCommit } from "./after-commit.ts";
import { type Chat, composeChat } from "./compose-chat.ts";
import { composeDocuments } from "./compose-documents.ts";
import { composeNotifications } from "./compose-notifications.ts";
import { composePresence } from "./compose-presence.ts";
import { composeTalk } from "./compose-talk.ts";
import type { World } from "./compose-world.ts";
import { keepStatistics } from "./database/statistics.ts";
import { readDocumentSince } from "./features/documents/lane/read-streams.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { createGatewayMetrics } from "./gateway/gateway-metrics.ts";
import { TopicRegistry } from "./gateway/topic-registry.ts";
import { HotPath } from "./hot-path/hot-path.ts";

export type Road = ReturnType<typeof composeRoad>;

/** Parts that others reach before they stand. */
interface Late {
  chat?: Chat;
  gateway?: Gateway;
  notifications?: ReturnType<typeof composeNotifications>;
  documents?: ReturnType<typeof composeDocuments>;
  talk?: ReturnType<typeof composeTalk>;
}

/** The features and the road that carries their changes to connections. */
export function composeRoad(world: World) {
  const { clock, metrics, database, faults, nodeId, countRead, documentGuard } = world;
  const gatewayMetrics = createGatewayMetrics(metrics);
  const topics = new TopicRegistry(gatewayMetrics);
  const guard = new RoomGuard({ database, clock, onRead: (count) => countRead("room_access", count) });
  const statistics = keepStatistics(database);
  // What follows from a commit reaches into features that themselves need the road: they are asked once all stands.
  const late: Late = {};
  const afterCommit = createAfterCommit({
    topics,
    guard,
    typing: () => required(late.chat).typing,
    occupancy: () => required(late.chat).occupancy,
    presence: () => people.presence,
    documents: () => late.documents,
  });
  const people = composePresence({
    ...world,
    topics,
    nodeId,
    onFault: faults.onFault,
    normaliseEmoji: (emoji) => required(late.chat).normaliseEmoji(emoji),
    onVisibility(userId, isInvisible) {
      required(late.chat).setHidden(userId, isInvisible);
      if (isInvisible) late.documents?.hide(userId);
    },
  });
  const hotPath = composeHotPath({ ...world, topics, afterCommit, statistics, late });
  const notifications = composeNotifications({
    ...world,
    onFault: faults.onFault,
    hotPath,
    topics,
    guard,
    documentGuard,
    isDnd: (userId) => people.presence.statusOf(userId) === "dnd",
    isActive: (userId) => people.presence.isActive(userId),
  });
  late.notifications = notifications;
  const chat = composeChat({
    ...world,
    onFault: faults.onFault,
    hotPath,
    topics,
    guard,
    telling: notifications.telling,
    moderate: world.moderate,
    presence: people.presence,
    onCrowdOpened: people.onCrowdOpened,
  });
  late.chat = chat;
  const around = { topics, hotPath, notifications, chat, late };
  const writing = composeWriting({ ...world, ...around, afterCommit, rooms: guard, presence: people.presence });
  return { ...around, ...writing, gatewayMetrics, people };
}

type WritingWorld = World &
  Pick<Parameters<typeof composeTalk>[0], "hotPath" | "rooms"> & {
    topics: TopicRegistry;
    notifications: ReturnType<typeof composeNotifications>;
    chat: Chat;
    presence: PresenceView;
    afterCommit: ReturnType<typeof createAfterCommit>;
    late: Late;
  };

/** Documents, and what is said about them. */
function composeWriting({ late, afterCommit: { onCommitted }, ...world }: WritingWorld) {
  const { notifications, faults } = world;
  const onDue = (): void => void notifications.deliveries.run();
  const documents = composeDocuments({
    ...world,
    ...faults,
    telling: notifications.documentTelling,
    onCommitted(changes) {
      onCommitted(changes);
      late.talk?.see(changes);
    },
    onJoined: (session, documentId) => notifications.documentSeen(session, documentId),
    onRestoring: (clientId) => late.talk?.ignore(clientId),
    onDue,
  });
  late.documents = documents;
  late.talk = composeTalk({ ...world, documents, onCommitted, onDue });
  return { documents, talk: late.talk };
}

type HotPathWorld = World & {
  topics: TopicRegistry;
  afterCommit: ReturnType<typeof createAfterCommit>;
  statistics: ReturnType<typeof keepStatistics>;
  late: Late;
};

function composeHotPath({ afterCommit, faults, statistics, late, ...world }: HotPathWorld): HotPath {
  const { database, metrics, topics } = world;
  return new HotPath({
    ...world,
    delivery: {
      deliver: afterCommit.deliver,
      cut(stream) {
        late.documents?.cut(stream);
        late.gateway?.dropWhere((session) => topics.isAttached(session.connectionId, stream));
      },
      ...faults,
    },
    onCommitted: afterCommit.onCommitted,
    onBatch(items, durationMs) {
      metrics.batchSize.observe(items);
      metrics.commitSeconds.observe(durationMs / 1_000);
      statistics.countWrites(items);
    },
    readDocument: (stream, since) => readDocumentSince(database, stream, since),
    onJobs: () => void late.notifications?.jobs.run(),
    onDue: () => void late.notifications?.deliveries.run(),
    onDelivered: (durationMs) => metrics.deliverySeconds.observe({ path: "local" }, durationMs / 1_000),
  });
}

/** A part that stands by the time it is asked for. */
export function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error("asked for a part before everything was put together");
  return part;
}
