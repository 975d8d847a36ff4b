import { limits } from "@mirage/protocol";
import type { Topics } from "../../hot-path/topics.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import { isSmall } from "./audience.ts";
import { type BoardRoom, type PresenceBoard, statusOf } from "./presence-board.ts";

/** Tells those who have a large room open how many of its people are here, at most once a second. */
export class CrowdCounts {
  readonly #options: { clock: Clock; topics: Topics; board: PresenceBoard };
  readonly #marked = new Set<string>();
  #timer: Timer | undefined;

  constructor(options: { clock: Clock; topics: Topics; board: PresenceBoard }) {
    this.#options = options;
  }

  /** The number may be another, or somebody has opened the room who does not know it. */
  mark(roomId: string): void {
    this.#marked.add(roomId);
    this.#timer ??= this.#options.clock.after(limits.roomPresenceMs, () => this.#tell());
  }

  close(): void {
    this.#timer?.cancel();
    this.#marked.clear();
  }

  #tell(): void {
    this.#timer = undefined;
    const { topics, board } = this.#options;
    for (const roomId of this.#marked) {
      const room = board.findRoom(roomId);
      if (!room || isSmall(room) || topics.connectionCount(`room:${roomId}`) === 0) continue;
      topics.publish(`room:${roomId}`, "room_presence", JSON.stringify({ roomId, online: countSeen(room) }));
    }
    this.#marked.clear();
  }
}

function countSeen({ people }: BoardRoom): number {
  let count = 0;
  for (const person of people) if (statusOf(person) !== "offline") count++;
  return count;
}
