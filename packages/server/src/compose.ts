/** Puts the parts together: the only file that knows every one of them, and the only one that knows an adapter. */
import { randomUUID } from "node:crypto";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { Feature } from "@mirage/protocol";
import { RoomGuard } from "./access/room-access.ts";
import { HttpModerator } from "./adapters/http-moderator.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { WordListModerator } from "./adapters/word-list-moderator.ts";
import { createAfterCommit } from "./after-commit.ts";
import { type Chat, composeChat } from "./compose-chat.ts";
import { composeNotifications } from "./compose-notifications.ts";
import { composePresence } from "./compose-presence.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { readEpoch } from "./database/epoch.ts";
import { migrate } from "./database/migrate.ts";
import { readNonceKey } from "./database/nonce-key.ts";
import { openDatabase } from "./database/open-database.ts";
import { keepStatistics } from "./database/statistics.ts";
import { createAuth } from "./features/auth/auth.ts";
import { createModeration } from "./features/moderation/moderate.ts";
import { type Gateway, openGateway } from "./gateway/gateway.ts";
import { createGatewayMetrics } from "./gateway/gateway-metrics.ts";
import { RateLimits } from "./gateway/rate-limits.ts";
import { TopicRegistry } from "./gateway/topic-registry.ts";
import { HotPath } from "./hot-path/hot-path.ts";
import type { Delivery } from "./hot-path/hub.ts";
import { createRequestListener, type RequestListener } from "./http/http.ts";
import type { Logger } from "./lib/logger.ts";
import { createMetrics, createReadCounter, type Metrics } from "./lib/metrics.ts";
import { version } from "./lib/version.ts";
import type { Clock } from "./ports/clock.ts";
import type { Draft } from "./ports/moderator.ts";

export type { RequestListener } from "./http/http.ts";

export interface ComposeOptions {
  settings: Settings;
  /** Absent: the machine's own. */
  clock: Clock | undefined;
  log: Logger;
  /** Absent: one of our own. */
  httpServer: HttpServer | undefined;
  /** Answers what is not ours: a web app's pages. */
  fallback: RequestListener | undefined;
}

/** Longest wait for a moderator of any kind; each has a shorter limit of its own. */
const moderationLimitMs = 10_000;

export async function compose(options: ComposeOptions) {
  const { settings, log } = options;
  const metrics = createMetrics({ version });
  const database = await openDatabase({
    databaseUrl: settings.databaseUrl,
    dataDir: settings.dataDir,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
  try {
    await migrate(database);
    const clock = options.clock ?? systemClock;
    const [epoch, nonceSecret] = [await readEpoch(database), await readNonceKey(database)];
    const world = { ...options, clock, metrics, database, epoch, nonceSecret };
    const road = composeRoad(world);
    await road.people.start();
    road.notifications.jobs.start();
    const edge = await composeEdge({ ...world, ...road });
    return {
      database,
      httpServer: edge.httpServer,
      gateway: edge.gateway,
      hostNotifications: road.notifications.host,
      async close(): Promise<void> {
        await edge.close();
        road.chat.close();
        await road.notifications.jobs.close();
        await road.hotPath.close();
        await road.people.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

type World = ComposeOptions & {
  clock: Clock;
  metrics: Metrics;
  database: Database;
  epoch: string;
  nonceSecret: string;
};
type Road = ReturnType<typeof composeRoad>;

/** The features and the road that carries their changes to connections. */
function composeRoad(world: World) {
  const { settings, clock, log, metrics, database } = world;
  const gatewayMetrics = createGatewayMetrics(metrics);
  const topics = new TopicRegistry(gatewayMetrics);
  const countRead = createReadCounter(metrics);
  const guard = new RoomGuard({ database, clock, onRead: (count) => countRead("room_access", count) });
  const statistics = keepStatistics(database);
  // What follows from a commit reaches into features that themselves need the road: they are asked once all stands.
  const late: { chat?: Chat; gateway?: Gateway; notifications?: ReturnType<typeof composeNotifications> } = {};
  const afterCommit = createAfterCommit({
    topics,
    guard,
    typing: () => required(late.chat).typing,
    occupancy: () => required(late.chat).occupancy,
    presence: () => people.presence,
  });
  const faults = countFaults(metrics, log);
  const nodeId = randomUUID();
  const people = composePresence({
    ...world,
    topics,
    nodeId,
    onFault: faults.onFault,
    normaliseEmoji: (emoji) => required(late.chat).normaliseEmoji(emoji),
    onVisibility: (userId, isInvisible) => required(late.chat).setHidden(userId, isInvisible),
  });
  const hotPath = new HotPath({
    database,
    clock,
    nodeId,
    topics,
    delivery: {
      deliver: afterCommit.deliver,
      cut: (stream) => late.gateway?.dropWhere((session) => topics.isAttached(session.connectionId, stream)),
      ...faults,
    },
    onCommitted: afterCommit.onCommitted,
    onBatch(items, durationMs) {
      metrics.batchSize.observe(items);
      metrics.commitSeconds.observe(durationMs / 1_000);
      statistics.countWrites(items);
    },
    onJobs: () => void late.notifications?.jobs.run(),
    onDelivered: (durationMs) => metrics.deliverySeconds.observe({ path: "local" }, durationMs / 1_000),
  });
  const notifications = composeNotifications({
    ...world,
    onFault: faults.onFault,
    hotPath,
    topics,
    guard,
    isDnd: (userId) => people.presence.statusOf(userId) === "dnd",
  });
  late.notifications = notifications;
  const chat = composeChat({
    ...world,
    onFault: faults.onFault,
    hotPath,
    topics,
    guard,
    telling: notifications.telling,
    moderate: composeModeration(settings, clock, log),
    presence: people.presence,
    onCrowdOpened: people.onCrowdOpened,
  });
  late.chat = chat;
  return { gatewayMetrics, topics, hotPath, chat, people, notifications, late };
}

/** Where people and programs come in: sign-in, HTTP, Socket.IO. */
async function composeEdge(world: World & Road) {
  const { settings, clock, log, metrics, database, chat, people, notifications, late } = world;
  const auth = createAuth({
    settings,
    database,
    clock,
    log,
    onAdmin: (userId) => chat.rooms.makeOwnerOfGeneral(userId),
    onRenamed: (userId) => chat.members.announceName(userId),
    close: (isRevoked) => void late.gateway?.closeWhere(isRevoked),
  });
  await auth.start();
  const features = enabledFeatures(settings);
  const shared = {
    settings,
    clock,
    log,
    handlers: { ...chat.handlers, ...people.handlers, ...notifications.handlers },
    rateLimits: new RateLimits({ settings, clock, onLimited: (limit) => metrics.rateLimited.inc({ limit }) }),
    isEnabled: (feature: Feature): boolean => features.has(feature),
  };
  const httpOptions = {
    ...shared,
    database,
    metrics,
    auth,
    hostNotifications: notifications.host,
    listConnectedUsers: () => required(late.gateway).listUsers(),
    isDraining: () => required(late.gateway).isDraining,
    version,
  };
  const { httpServer, detach } = attachHttp(world, (fallback) => createRequestListener(httpOptions, fallback));
  const gateway = openGateway({
    ...shared,
    httpServer,
    metrics: world.gatewayMetrics,
    topics: world.topics,
    authenticate: auth.authenticate,
    observer: {
      // The person's own topic is attached by the first: whoever counts connections counts this one.
      async connected(session) {
        await chat.observer.connected(session);
        await people.presence.connected(session);
      },
      disconnected(session, isPlanned) {
        chat.observer.disconnected(session, isPlanned);
        people.presence.disconnected(session);
      },
    },
  });
  late.gateway = gateway;
  return {
    httpServer,
    gateway,
    async close(): Promise<void> {
      await gateway.drain(settings.drainWindowMs);
      await gateway.close();
      detach();
      await auth.stop();
    },
  };
}

function countFaults(metrics: Metrics, log: Logger): Required<Pick<Delivery, "onGap" | "onRepair" | "onFault">> {
  return {
    onGap: () => metrics.gapsDetected.inc({ side: "node" }),
    onRepair: (durationMs) => metrics.gapRepairSeconds.observe(durationMs / 1_000),
    onFault(error) {
      metrics.databaseErrors.inc({ code: sqlStateOf(error) });
      log.error({ err: error }, "a step of the road failed");
    },
  };
}

/** Whoever sends a request byte by byte is not waited for. */
const slowRequestLimits = { requestTimeout: 60_000, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 };

/** Our routes in front of whoever answered this server's requests before, and does so again once they are detached. */
function attachHttp(
  options: ComposeOptions,
  listenerFor: (fallback: RequestListener | undefined) => RequestListener,
): { httpServer: HttpServer; detach: () => void } {
  const { httpServer, fallback } = options;
  if (!httpServer) {
    const own = createHttpServer(slowRequestLimits, listenerFor(fallback));
    return { httpServer: own, detach: () => undefined };
  }
  const others = httpServer.listeners("request") as RequestListener[];
  httpServer.removeAllListeners("request");
  const toOthers: RequestListener | undefined =
    others.length > 0 ? (request, response) => others.forEach((other) => void other(request, response)) : undefined;
  const listener = listenerFor(fallback ?? toOthers);
  httpServer.on("request", listener);
  const detach = (): void => {
    httpServer.off("request", listener);
    for (const other of others) httpServer.on("request", other);
  };
  return { httpServer, detach };
}

/** The chain of moderators that every draft passes before its commit. */
function composeModeration({ moderation }: Settings, clock: Clock, log: Logger): (draft: Draft) => Promise<void> {
  const onFault = (error: unknown): void => log.warn({ err: error }, "the moderation service failed");
  const moderate = createModeration({
    moderators: [
      new WordListModerator(),
      ...(moderation ? [new HttpModerator({ ...moderation, clock, onFault })] : []),
    ],
    onRefused: ({ moderator, reason, draft }) =>
      log.info({ moderator, reason, roomId: draft.roomId, userId: draft.userId }, "a draft was refused"),
  });
  // Without a service nothing is waited for, and a timer for each draft would be set in vain.
  const never = new AbortController().signal;
  return (draft) => moderate(draft, moderation ? AbortSignal.timeout(moderationLimitMs) : never);
}

function enabledFeatures(settings: Settings): Set<Feature> {
  const features = new Set<Feature>(["core"]);
  if (settings.enableChat) features.add("chat");
  if (settings.enableNotifications) features.add("notifications");
  if (settings.enableDocuments) features.add("documents");
  return features;
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error("asked for a part before everything was put together");
  return part;
}

function sqlStateOf(error: unknown): string {
  return error instanceof Error && "sqlState" in error && typeof error.sqlState === "string" ? error.sqlState : "none";
}
