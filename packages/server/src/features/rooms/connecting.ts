import type { ConnectionObserver, Session } from "../../access/session.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Topics } from "../../hot-path/topics.ts";
import type { Occupancy } from "./occupancy.ts";
import type { UserStreamStore } from "./user-stream.store.ts";

export interface ConnectingDeps {
  hotPath: HotPath;
  topics: Topics;
  userStreams: UserStreamStore;
  occupancy: Occupancy;
  onDisconnected: (session: Session) => void;
}

/** Puts a new connection onto its user's own stream, and takes one that has gone out of its rooms. */
export function createConnectionObserver(deps: ConnectingDeps): ConnectionObserver {
  const { hotPath, topics, userStreams, occupancy } = deps;
  return {
    async connected({ userId, connectionId }) {
      const stream = `user:${userId}` as const;
      if (!hotPath.hubs.find(stream)) await hotPath.hubs.open(stream, await userStreams.getHead(userId));
      topics.attach(connectionId, stream);
    },
    disconnected(session) {
      occupancy.lose(session.userId, session.connectionId);
      deps.onDisconnected(session);
    },
  };
}
