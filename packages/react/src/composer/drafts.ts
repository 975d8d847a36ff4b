// What was typed and not sent, kept per person and room in the browser, so that a reload or a closed tab loses at most
// the last moments. The room list shows which rooms have one.

/** Longest time between a key press and the draft being stored. */
const draftDelayMs = 300;

/** Drafts of one person. */
export interface Drafts {
  get(roomId: string): string;
  set(roomId: string, text: string): void;
  /** Rooms that have a draft; a new array only when the set changes. */
  rooms(): readonly string[];
  subscribe(listener: () => void): () => void;
  /** Writes now what still waits. */
  flush(): void;
}

interface DraftOptions {
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined;
  userId: string;
  /** Runs `work` after `delayMs`; returns what cancels it. */
  later(work: () => void, delayMs: number): () => void;
}

/** Opens a person's drafts; without storage they live as long as the page. */
export function openDrafts({ storage, userId, later }: DraftOptions): Drafts {
  const key = `mirage:drafts:${userId}`;
  const texts = new Map<string, string>(readStored(storage, key));
  const listeners = new Set<() => void>();
  let rooms: readonly string[] = [...texts.keys()];
  let cancel: (() => void) | undefined;

  function flush(): void {
    if (!cancel) return;
    cancel();
    cancel = undefined;
    write(storage, key, texts);
  }

  return {
    get: (roomId) => texts.get(roomId) ?? "",
    set(roomId, text) {
      const had = texts.has(roomId);
      const has = text.trim() !== "";
      if (has) texts.set(roomId, text);
      else texts.delete(roomId);
      cancel ??= later(flush, draftDelayMs);
      if (had === has) return;
      rooms = [...texts.keys()];
      for (const listener of listeners) listener();
    },
    rooms: () => rooms,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
  };
}

function readStored(storage: DraftOptions["storage"], key: string): [string, string][] {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(key) ?? "{}");
    if (typeof stored !== "object" || stored === null) return [];
    return Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  } catch {
    return [];
  }
}

function write(storage: DraftOptions["storage"], key: string, texts: ReadonlyMap<string, string>): void {
  try {
    if (texts.size === 0) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(Object.fromEntries(texts)));
  } catch {
    // A full or forbidden storage must not keep anyone from writing; the draft lives on in memory.
    return;
  }
}
