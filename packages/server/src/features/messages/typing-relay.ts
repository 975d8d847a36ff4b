/**
 * Who is writing where, on this node. Nothing is stored: a start is relayed at most once per user, room and 2 s, ends by
 * itself 6 s after the last one, and every start that was relayed is followed by exactly one stop.
 *
 *   silent ── start ──► writing (relayed) ── stop, send, leave, disconnect, 6 s ──► silent, held for the rest of the 2 s
 *
 * A start within those 2 s is relayed when they are over, if the person still writes. One timer for all of them.
 */
import { limits } from "@mirage/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";

export interface Typist {
  readonly roomId: string;
  readonly userId: string;
  readonly username: string;
  readonly threadId?: string | undefined;
}

export interface TypingStart extends Typist {
  readonly connectionId: string;
  /** More than 200 people in the room: three writers are shown, others are not kept. */
  readonly isCrowd: boolean;
}

export interface TypingOptions {
  readonly clock: Clock;
  /** Relays to the others in the room. */
  readonly emit: (event: "typing_start" | "typing_stop", typist: Typist) => void;
}

interface Entry {
  typist: Typist;
  connectionId: string;
  isWriting: boolean;
  /** Others see this person writing. */
  isShown: boolean;
  startedAtMs: number;
  relayedAtMs: number;
}

/** People followed at once on one node; beyond it new ones are not shown. */
const maxTypists = 20_000;
/** Timers closer together than this fire together. */
const minTickMs = 50;

export class TypingRelay {
  readonly #clock: Clock;
  readonly #emit: TypingOptions["emit"];
  /** Room id → user id → entry. */
  readonly #rooms = new Map<string, Map<string, Entry>>();
  readonly #byConnection = new Map<string, Set<Entry>>();
  #count = 0;
  #timer: Timer | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor({ clock, emit }: TypingOptions) {
    this.#clock = clock;
    this.#emit = emit;
  }

  start({ connectionId, isCrowd, ...typist }: TypingStart): void {
    const room = this.#rooms.get(typist.roomId);
    const known = room?.get(typist.userId);
    if (!known && this.#count >= maxTypists) return;
    if (isCrowd && !known?.isWriting && room && countWriting(room) >= limits.typersInCrowd) return;
    const nowMs = this.#clock.monotonicMs();
    const entry = known ?? this.#add(typist, connectionId);
    // In another thread than before: the old place must not go on showing it.
    if (entry.isShown && entry.typist.threadId !== typist.threadId) this.#hide(entry);
    entry.typist = typist;
    entry.isWriting = true;
    entry.startedAtMs = nowMs;
    this.#moveTo(entry, connectionId);
    if (nowMs - entry.relayedAtMs >= limits.typingRelayMs) this.#relay(entry, nowMs);
    this.#wakeAt(this.#nextDueMs(entry), nowMs);
  }

  /** The person stopped, sent a message, closed the room or lost it. */
  stop(roomId: string, userId: string): void {
    const entry = this.#rooms.get(roomId)?.get(userId);
    if (entry) this.#end(entry);
  }

  /** Ends what this connection started last; another tab that started later goes on. */
  disconnect(connectionId: string): void {
    for (const entry of this.#byConnection.get(connectionId) ?? []) this.#end(entry);
  }

  /** Forgets everyone, silently. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    this.#rooms.clear();
    this.#byConnection.clear();
    this.#count = 0;
  }

  #add(typist: Typist, connectionId: string): Entry {
    const never = Number.NEGATIVE_INFINITY;
    const entry = { typist, connectionId, isWriting: false, isShown: false, startedAtMs: never, relayedAtMs: never };
    const room = this.#rooms.get(typist.roomId);
    if (room) room.set(typist.userId, entry);
    else this.#rooms.set(typist.roomId, new Map([[typist.userId, entry]]));
    this.#count++;
    return entry;
  }

  #moveTo(entry: Entry, connectionId: string): void {
    this.#release(entry);
    entry.connectionId = connectionId;
    const entries = this.#byConnection.get(connectionId);
    if (entries) entries.add(entry);
    else this.#byConnection.set(connectionId, new Set([entry]));
  }

  #release(entry: Entry): void {
    const entries = this.#byConnection.get(entry.connectionId);
    if (entries?.delete(entry) && entries.size === 0) this.#byConnection.delete(entry.connectionId);
  }

  #relay(entry: Entry, nowMs: number): void {
    entry.relayedAtMs = nowMs;
    entry.isShown = true;
    this.#emit("typing_start", entry.typist);
  }

  #hide(entry: Entry): void {
    entry.isShown = false;
    this.#emit("typing_stop", entry.typist);
  }

  /** The entry stays until its 2 s are over, so that stopping and starting again relays no more than writing on. */
  #end(entry: Entry): void {
    if (!entry.isWriting) return;
    entry.isWriting = false;
    this.#release(entry);
    if (entry.isShown) this.#hide(entry);
  }

  #forget({ typist }: Entry): void {
    const room = this.#rooms.get(typist.roomId);
    if (!room?.delete(typist.userId)) return;
    this.#count--;
    if (room.size === 0) this.#rooms.delete(typist.roomId);
  }

  #nextDueMs(entry: Entry): number {
    const windowEndMs = entry.relayedAtMs + limits.typingRelayMs;
    if (!entry.isWriting) return windowEndMs;
    const expiryMs = entry.startedAtMs + limits.typingExpiryMs;
    return entry.isShown ? expiryMs : Math.min(expiryMs, windowEndMs);
  }

  #wakeAt(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#clock.after(Math.max(minTickMs, dueMs - nowMs), () => this.#tick());
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonicMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const room of this.#rooms.values()) {
      for (const entry of room.values()) {
        this.#settle(entry, nowMs);
        if (room.has(entry.typist.userId)) nextMs = Math.min(nextMs, this.#nextDueMs(entry));
      }
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#wakeAt(nextMs, nowMs);
  }

  #settle(entry: Entry, nowMs: number): void {
    const isWindowOver = nowMs >= entry.relayedAtMs + limits.typingRelayMs;
    if (entry.isWriting && nowMs >= entry.startedAtMs + limits.typingExpiryMs) this.#end(entry);
    else if (entry.isWriting && !entry.isShown && isWindowOver) this.#relay(entry, nowMs);
    if (!entry.isWriting && isWindowOver) this.#forget(entry);
  }
}

/** Those about to be shown count as well, so that a fourth cannot slip in before them. */
function countWriting(room: Map<string, Entry>): number {
  let count = 0;
  for (const entry of room.values()) if (entry.isWriting) count++;
  return count;
}
