import type { Clock, Timer } from "../ports/clock.ts";
import type { Closer } from "./closing.ts";
import type { Connection } from "./connection.ts";
import { encodeEvent } from "./frame.ts";

/** How often the next of those who were told is let go. */
const stepMs = 50;
/** Answers that are under way are waited for so long: the road gives up on a write after 4 s, and says so. */
const maxAnswerWaitMs = 5_000;

/** How long a stop waits for answers that are under way when its window is over; without a window it waits for none. */
export const answerWaitMs = (windowMs: number): number => (windowMs === 0 ? 0 : maxAnswerWaitMs);

export interface DrainOptions {
  connections: readonly Connection[];
  /** 0: everyone goes at once, and nothing is waited for. */
  windowMs: number;
  clock: Clock;
  closer: Closer;
}

/**
 * Sends everyone away before a planned stop. Each connection is told when to come back, evenly spread over the
 * window, so that those who come back do not come all at once. From that time on nothing new is taken of it, and it is
 * closed as soon as everything that it asked before is answered.
 */
export function drainConnections({ connections, windowMs, clock, closer }: DrainOptions): Promise<void> {
  const startedAtMs = clock.monotonicMs();
  const patienceMs = answerWaitMs(windowMs);
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
    const unanswered = new Set<(typeof leaving)[number]>();
    const step = (): void => {
      const elapsedMs = clock.monotonicMs() - startedAtMs;
      for (let due = leaving[next]; due !== undefined && due.inMs <= elapsedMs; due = leaving[next]) {
        next++;
        due.connection.isLeaving = true;
        unanswered.add(due);
      }
      for (const one of unanswered) {
        if (one.connection.inFlightCount > 0 && elapsedMs < one.inMs + patienceMs) continue;
        unanswered.delete(one);
        closer.close(one.connection, "draining", "drop");
      }
      if (next < leaving.length || unanswered.size > 0) return;
      timer?.cancel();
      resolve();
    };
    timer = clock.every(stepMs, step);
    step();
  });
}
