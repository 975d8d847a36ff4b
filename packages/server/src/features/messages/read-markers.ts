import { type CommandReply, limits } from "@mirage/protocol";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MessageStore } from "./messages.store.ts";

export interface ReadMarkersDeps {
  hotPath: HotPath;
  guard: RoomGuard;
  store: MessageStore;
  clock: Clock;
}

type Reply = CommandReply<"mark_read">;

interface Gathering {
  seq: number;
  reply: PromiseWithResolvers<Reply>;
}

/** Where people have read to. Marks of one person and room within a second become one change. */
export class ReadMarkers {
  readonly #deps: ReadMarkersDeps;
  /** Person and room → marks that wait for the second to end, if any. */
  readonly #windows = new Map<string, Gathering | undefined>();

  constructor(deps: ReadMarkersDeps) {
    this.#deps = deps;
  }

  async mark(session: Session, roomId: string, seq: number): Promise<Reply> {
    await this.#deps.guard.require(session, roomId, "markRead");
    const key = `${session.userId} ${roomId}`;
    if (!this.#windows.has(key)) {
      this.#openWindow(key, session, roomId);
      return await this.#commit(session, roomId, seq);
    }
    const gathering = this.#windows.get(key) ?? { seq, reply: Promise.withResolvers<Reply>() };
    gathering.seq = Math.max(gathering.seq, seq);
    this.#windows.set(key, gathering);
    return await gathering.reply.promise;
  }

  #openWindow(key: string, session: Session, roomId: string): void {
    this.#windows.set(key, undefined);
    this.#deps.clock.after(limits.readMarkerWindowMs, () => {
      const gathered = this.#windows.get(key);
      this.#windows.delete(key);
      if (!gathered) return;
      this.#openWindow(key, session, roomId);
      this.#commit(session, roomId, gathered.seq).then(gathered.reply.resolve, gathered.reply.reject);
    });
  }

  async #commit(session: Session, roomId: string, seq: number): Promise<Reply> {
    const { hotPath, store } = this.#deps;
    const item = { op: "mark", roomId, userId: session.userId, seq, at: this.#deps.clock.now() } as const;
    const outcome = requireOk(await hotPath.submit(async () => item, `${session.connectionId} mark ${roomId}`));
    return outcome.marker ?? (await store.getUnread(session.userId, roomId));
  }
}
