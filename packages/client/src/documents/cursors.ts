import type { Awareness } from "y-protocols/awareness";
import type { Clock, Timer } from "../lib/clock.ts";
import { colorsOf } from "./person-colors.ts";

/** One's own cursor is told at most this often; the last place always is. */
const sendEveryMs = 100;

/** A cursor as it travels: whose it is, says the server. `state` is null when it is gone. */
export interface RemoteCursor {
  clientId: number;
  userId: string;
  username: string;
  state: Record<string, unknown> | null;
}

export type CursorState = Record<string, unknown> | null;

export interface CursorsOptions {
  awareness: Awareness;
  clock: Clock;
  send: (clientId: number, state: CursorState) => void;
}

interface AwarenessChange {
  added: number[];
  updated: number[];
  removed: number[];
}

/**
 * Keeps an awareness in step with the others' by the server's word, which clears a cursor when its connection is gone.
 * So nothing is told twice to stay alive, and nothing of others times out. The user in a state is always the one whom
 * the server named, never what the other client says.
 */
export class Cursors {
  readonly #options: CursorsOptions;
  readonly #awareness: Awareness;
  #isLive = false;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(options: CursorsOptions) {
    this.#options = options;
    this.#awareness = options.awareness;
    this.#awareness.on("change", this.#onChange);
  }

  /** Names the person here, so that a binding shows them as the others do. */
  identify({ userId, username }: { userId: string; username: string }): void {
    this.#awareness.setLocalStateField("user", userOf(userId, username));
  }

  /** The document is joined: these are all who are there. */
  joined(cursors: readonly RemoteCursor[]): void {
    const here = new Set(cursors.map(({ clientId }) => clientId));
    this.#apply([
      ...this.#remoteIds()
        .filter((id) => !here.has(id))
        .map(gone),
      ...cursors,
    ]);
    this.#isLive = true;
    this.#schedule();
  }

  take(cursor: RemoteCursor): void {
    if (this.#isLive) this.#apply([cursor]);
  }

  /** Without a connection nobody is known to be there. */
  lost(): void {
    this.#isLive = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#apply(this.#remoteIds().map(gone));
  }

  /** Goes on under another id. */
  rename(clientId: number): void {
    const state = this.#awareness.getLocalState();
    this.#awareness.setLocalState(null);
    this.#awareness.clientID = clientId;
    this.#awareness.setLocalState(state);
  }

  close(): void {
    this.lost();
    this.#awareness.off("change", this.#onChange);
  }

  readonly #onChange = ({ added, updated, removed }: AwarenessChange): void => {
    if ([...added, ...updated, ...removed].includes(this.#awareness.clientID)) this.#schedule();
  };

  #schedule(): void {
    if (!this.#isLive || this.#timer) return;
    const { clock } = this.#options;
    const waitMs = this.#sentAtMs + sendEveryMs - clock.monotonicMs();
    if (waitMs <= 0) this.#send();
    else this.#timer = clock.after(waitMs, () => this.#send());
  }

  #send(): void {
    this.#timer = undefined;
    this.#sentAtMs = this.#options.clock.monotonicMs();
    const local = this.#awareness.getLocalState();
    // Who this is, the server says to everybody.
    const { user: _, ...state } = local ?? {};
    this.#options.send(this.#awareness.clientID, local && state);
  }

  #remoteIds(): number[] {
    return [...this.#awareness.states.keys()].filter((id) => id !== this.#awareness.clientID);
  }

  #apply(cursors: readonly RemoteCursor[]): void {
    const { states, meta, clientID } = this.#awareness;
    const change: AwarenessChange = { added: [], updated: [], removed: [] };
    for (const { clientId, userId, username, state } of cursors) {
      if (clientId === clientID) continue;
      const isKnown = states.has(clientId);
      if (state) {
        states.set(clientId, { ...state, user: userOf(userId, username) });
        const clock = (meta.get(clientId)?.clock ?? 0) + 1;
        // The server says when somebody has gone, so that no state grows old by itself.
        meta.set(clientId, { clock, lastUpdated: Number.POSITIVE_INFINITY });
        (isKnown ? change.updated : change.added).push(clientId);
      } else if (isKnown) {
        states.delete(clientId);
        meta.delete(clientId);
        change.removed.push(clientId);
      }
    }
    if (change.added.length + change.updated.length + change.removed.length === 0) return;
    this.#awareness.emit("change", [change, "remote"]);
    this.#awareness.emit("update", [change, "remote"]);
  }
}

function gone(clientId: number): RemoteCursor {
  return { clientId, userId: "", username: "", state: null };
}

function userOf(userId: string, username: string) {
  return { id: userId, name: username, ...colorsOf(userId) };
}
