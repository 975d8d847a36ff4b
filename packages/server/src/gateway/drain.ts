import type { Clock, Timer } from "../ports/clock.ts";
import type { Closer } from "./closing.ts";
import type { Connection } from "./connection.ts";
import { encodeEvent } from "./frame.ts";

/** How often the next of those who were told is let go. */
const stepMs = 50;

export interface DrainOptions {
  connections: readonly Connection[];
  windowMs: number;
  clock: Clock;
  closer: Closer;
}

/**
 * Sends everyone away before a planned stop. Each connection is told when to come back, evenly spread over the
 * window, and is closed at that time, so that those who come back do not come all at once.
 */
export function drainConnections({ connections, windowMs, clock, closer }: DrainOptions): Promise<void> {
  const startedAtMs = clock.monotonicMs();
  const leaving = connections.map((connection, index) => ({
    connection,
    inMs: Math.round((windowMs * (index + 1)) / connections.length),
  }));
  for (const { connection, inMs } of leaving) {
    connection.outlet.send(encodeEvent("server_draining", { reconnectInMs: inMs }));
  }
  return new Promise((resolve) => {
    let next = 0;
    let timer: Timer | undefined;
    const step = (): void => {
      const elapsedMs = clock.monotonicMs() - startedAtMs;
      for (let due = leaving[next]; due !== undefined && due.inMs <= elapsedMs; due = leaving[next]) {
        next++;
        closer.close(due.connection, "draining", "drop");
      }
      if (next < leaving.length) return;
      timer?.cancel();
      resolve();
    };
    timer = clock.every(stepMs, step);
    step();
  });
}
