import type { Database } from "./database/database.ts";
import { Announcer } from "./features/presence/announcer.ts";
import { Audience } from "./features/presence/audience.ts";
import { CrowdCounts } from "./features/presence/crowd-counts.ts";
import { leaseMs, OtherNodes } from "./features/presence/other-nodes.ts";
import { createPresenceHandlers } from "./features/presence/presence.handlers.ts";
import { PresenceStore } from "./features/presence/presence.store.ts";
import { Presence } from "./features/presence/presence.ts";
import { PresenceBoard } from "./features/presence/presence-board.ts";
import { PresenceWriter } from "./features/presence/presence-writer.ts";
import { Watchers } from "./features/presence/watchers.ts";
import type { Topics } from "./hot-path/topics.ts";
import { createReadCounter, type Metrics } from "./lib/metrics.ts";
import type { Clock } from "./ports/clock.ts";

export interface PresenceWorld {
  database: Database;
  topics: Topics;
  clock: Clock;
  metrics: Metrics;
  nodeId: string;
  onFault: (error: unknown) => void;
  normaliseEmoji: (emoji: string) => Promise<string>;
  onVisibility: (userId: string, isInvisible: boolean) => void;
}

/** Where people were here until just now, they come back within this, and are told of all together. */
const restartHoldMs = 5_000;

/** Who is here, what others see of them, and who is told. */
export function composePresence(world: PresenceWorld) {
  const { database, topics, clock, metrics, nodeId, onFault } = world;
  const store = new PresenceStore(database, {
    node: { id: nodeId, leaseMs },
    onRead: (count) => createReadCounter(metrics)("user_presence", count),
  });
  const board = new PresenceBoard();
  const watchers = new Watchers();
  const counts = new CrowdCounts({ clock, topics, board });
  const announcer = new Announcer({
    clock,
    topics,
    audience: new Audience(topics, watchers),
    onTurned({ rooms }) {
      for (const { id } of rooms) counts.mark(id);
      metrics.presencePeople.set(board.size);
    },
    onGone(person) {
      presence.forget(person);
      metrics.presencePeople.set(board.size);
    },
    onSent: (event, receiverCount) => metrics.presenceEvents.inc({ event }, receiverCount),
  });
  const writer = new PresenceWriter({
    write: (writes) => store.write(writes),
    clock,
    onFault,
    onWritten: () => metrics.presenceWrites.inc(),
  });
  const hasOtherNodes = database.kind === "postgres";
  const presence: Presence = new Presence({
    ...world,
    store,
    writer,
    board,
    announcer,
    counts,
    watchers,
    hasOtherNodes,
  });
  const nodes = new OtherNodes({
    store,
    clock,
    isAlone: !hasOtherNodes,
    onPerson: (person, askedAtMs) => presence.learn(person, askedAtMs),
    onBuried: () => presence.sayAgain(),
    onFault,
  });
  return {
    presence,
    /** Whoever opens a large room is told how many are here. */
    onCrowdOpened: (roomId: string) => counts.mark(roomId),
    handlers: createPresenceHandlers(presence),
    /** `holdMs`: people who were here until just now may be on their way back for so long. */
    async start(): Promise<{ holdMs: number }> {
      const holdMs = (await nodes.start()) > 0 ? restartHoldMs : 0;
      if (holdMs > 0) announcer.holdBack(holdMs);
      return { holdMs };
    },
    /** After the last connection has gone. */
    async close(): Promise<void> {
      announcer.close();
      counts.close();
      presence.close();
      await writer.close();
      await nodes.close();
    },
  };
}
