import type { Feature } from "@mirage/protocol";
import type { ConnectionObserver } from "./access/session.ts";
import { type Road, required } from "./compose-road.ts";
import type { World } from "./compose-world.ts";
import type { Settings } from "./config/settings.ts";
import { createAuth } from "./features/auth/auth.ts";
import { answerWaitMs } from "./gateway/drain.ts";
import { openGateway } from "./gateway/gateway.ts";
import { attachHttp } from "./http/attach-http.ts";
import { createRequestListener } from "./http/http.ts";
import { OpenRequests } from "./http/open-requests.ts";
import { version } from "./lib/version.ts";

/** Where people and programs come in: sign-in, HTTP, Socket.IO. */
export async function composeEdge(world: World & Road) {
  const { settings, clock, log, metrics, database, chat, notifications, documents, talk, files } = world;
  const { rateLimits, late, people } = world;
  const auth = createAuth({
    settings,
    database,
    clock,
    log,
    onAdmin: (userId) => chat.rooms.makeOwnerOfGeneral(userId),
    onRenamed: (userId) => chat.members.announceName(userId),
    onVerifiedEmail: (userId, email) => notifications.emailAddresses.learn(userId, email),
    close: (isRevoked) => void late.gateway?.closeWhere(isRevoked),
  });
  await auth.start();
  const features = enabledFeatures(settings);
  const openRequests = new OpenRequests(clock);
  const shared = {
    settings,
    clock,
    log,
    handlers: handlersOf(world),
    rateLimits,
    isEnabled: (feature: Feature): boolean => features.has(feature),
  };
  const httpOptions = {
    ...shared,
    database,
    metrics,
    auth,
    hostNotifications: notifications.host,
    documents: { addUpdate: documents.addUpdate, export: talk.export },
    emailAddresses: notifications.emailAddresses,
    files: files.door,
    listConnectedUsers: () => required(late.gateway).listUsers(),
    isInvisible: (userId: string) => people.presence.isInvisible(userId),
    isDraining: () => required(late.gateway).isDraining,
    openRequests,
    version,
  };
  const { httpServer, detach } = attachHttp(world, (fallback) => createRequestListener(httpOptions, fallback));
  const gateway = openGateway({
    ...shared,
    httpServer,
    metrics: world.gatewayMetrics,
    topics: world.topics,
    authenticate: auth.authenticate,
    observer: observeConnections(world),
  });
  late.gateway = gateway;
  return {
    httpServer,
    gateway,
    async close(): Promise<void> {
      await gateway.drain(settings.drainWindowMs);
      await openRequests.stop(answerWaitMs(settings.drainWindowMs));
      await gateway.close();
      detach();
      await auth.stop();
    },
  };
}

/** What the coming and going of connections means for each feature. */
function observeConnections({ chat, people, documents }: Road): ConnectionObserver {
  return {
    // The person's own topic is attached by the first: whoever counts connections counts this one.
    async connected(session) {
      await chat.observer.connected(session);
      await people.presence.connected(session);
    },
    disconnected(session, isPlanned) {
      chat.observer.disconnected(session, isPlanned);
      people.presence.disconnected(session);
      documents.disconnected(session);
    },
  };
}

function handlersOf({ chat, people, notifications, documents, talk, files }: World & Road) {
  return {
    ...chat.handlers,
    ...people.handlers,
    ...notifications.handlers,
    ...documents.handlers,
    ...talk.handlers,
    ...files.handlers,
  };
}

function enabledFeatures(settings: Settings): Set<Feature> {
  const features = new Set<Feature>(["core"]);
  if (settings.enableChat) features.add("chat");
  if (settings.enableNotifications) features.add("notifications");
  if (settings.enableDocuments) features.add("documents");
  return features;
}
