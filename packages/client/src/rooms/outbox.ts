import type { CommandInput, CommandReply, Message } from "@mirage/protocol";
import { backoffMs } from "../connection/backoff.ts";
import type { Outcome, Requests } from "../connection/requests.ts";
import { cancelled } from "../files/cancelled.ts";
import type { Clock } from "../lib/clock.ts";
import { asRealtimeError, failureOf } from "../lib/error.ts";
import { createId } from "../lib/id.ts";
import type { OutboxFiles } from "./outbox-files.ts";
import type { NewOutboxEntry, OutboxAttachment, OutboxEntry, OutboxNews, OutboxStorage } from "./outbox-storage.ts";
import type { MessageDraft } from "./room-handle.ts";

export interface OutboxOptions {
  requests: Pick<Requests, "call">;
  isOnline: () => boolean;
  clock: Clock;
  random: () => number;
  /** Where the room's entries may have changed. */
  changed: (roomId: string) => void;
  /** Whether messages of this room may go out; `drain` is called when that becomes true. */
  maySend: (roomId: string) => boolean;
  files: OutboxFiles;
  /** The server has stored an entry: this is the message, in the same moment in which its entry is gone. */
  confirmed: (message: Message) => void;
}

/** The shortest pause before a repeat, where the server named none or a shorter one. */
const minRetryMs = 250;

/**
 * Messages on their way to the server: one queue for each room, each message stored before it is shown, the next one
 * sent when the one before is settled. A message leaves its queue only by the server's word: its answer, or its event.
 * Repeats carry the same nonce, so that the server stores each message once, however often it is sent.
 *
 *     add → stored → shown as pending → sent ─┬─ confirmed: gone
 *                                   ▲         ├─ refused for now, or connection lost: sent again, later ones wait
 *                                   └─ retry ─┴─ refused for good: failed, the next one goes on
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** What is stored, as far as this tab has seen; in order. */
  #entries: OutboxEntry[] = [];
  readonly #confirmedIds = new Set<string>();
  readonly #sendingIds = new Set<string>();
  readonly #rooms = new Map<string, Promise<void>>();
  readonly #pauses = new Set<() => void>();
  #storage: OutboxStorage | undefined;
  /** Changes of the storage happen one after another, in the order they were asked for. */
  #writes: Promise<void>;
  #begin: () => void = () => undefined;
  #stopNews: () => void = () => undefined;
  #isDraining = false;
  #mayDrain = false;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#writes = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  /** Names where entries are kept, once it is known whose they are. Restores what was not sent before. */
  start(storage: OutboxStorage): void {
    this.#storage = storage;
    this.#stopNews = storage.onNews((news) => this.#takeNews(news));
    this.#begin();
    this.#write(() => this.#reload()).then(() => this.drain());
  }

  /** Entries of a room that no message stands for yet, in order. */
  list(roomId: string): OutboxEntry[] {
    return this.#entries.filter((entry) => entry.roomId === roomId);
  }

  add(roomId: string, draft: MessageDraft): string {
    const clientId = createId(this.#options.random);
    const attachments = draft.attachments?.length ? this.#options.files.describe(draft.attachments) : undefined;
    const entry: NewOutboxEntry = {
      clientId,
      roomId,
      content: draft.content,
      ...(draft.replyTo === undefined ? {} : { replyTo: draft.replyTo }),
      ...(draft.metadata === undefined ? {} : { metadata: draft.metadata }),
      ...(attachments ? { attachments } : {}),
      createdAt: new Date(this.#options.clock.now()).toISOString(),
      state: "pending",
    };
    this.#write(async (storage) => {
      if (attachments) await this.#options.files.keep(attachments, storage);
      this.#put(await storage.add(entry).catch(() => this.#unstored(entry)));
      storage.tell({ type: "changed" });
    }).then(() => this.drain());
    return clientId;
  }

  retry(clientId: string): void {
    const failed = this.#entries.find((entry) => entry.clientId === clientId && entry.state === "failed");
    if (!failed) return;
    const { error: _, ...entry } = failed;
    this.#update({ ...entry, state: "pending" }).then(() => this.drain());
  }

  discard(clientId: string): void {
    if (this.#sendingIds.has(clientId)) return;
    const entry = this.#drop(clientId);
    this.#write(async (storage) => {
      await storage.remove(clientId);
      if (entry) await this.#options.files.release(entry, storage);
      storage.tell({ type: "changed" });
    });
  }

  /** One's own message came as an event: its entry, of whatever tab, is done. */
  noteEvent(nonce: string): void {
    const entry = this.#drop(nonce);
    if (entry) this.#forget(entry);
  }

  /** Sends what there is to send; does nothing while another tab does. */
  drain(): void {
    if (!this.#canSend) return;
    if (this.#isDraining) {
      this.#startRooms();
      return;
    }
    const storage = this.#storage;
    if (!storage || !this.#hasSendable) return;
    this.#isDraining = true;
    storage
      .exclusively(() => this.#sendAll())
      .catch(() => this.#pause(minRetryMs))
      .then(() => {
        this.#isDraining = false;
        this.drain();
      });
  }

  /** The connection is gone: pauses end, and nothing is sent until the next `drain`. */
  lost(): void {
    for (const end of [...this.#pauses]) end();
  }

  close(): void {
    this.#isClosed = true;
    this.lost();
    this.#stopNews();
    this.#storage?.close();
  }

  get #canSend(): boolean {
    return !this.#isClosed && this.#options.isOnline();
  }

  get #hasSendable(): boolean {
    return this.#entries.some(({ state, roomId }) => state === "pending" && this.#options.maySend(roomId));
  }

  async #sendAll(): Promise<void> {
    // Another tab may have sent, added or dropped entries while this one waited for its turn.
    await this.#write(() => this.#reload());
    this.#mayDrain = true;
    this.#startRooms();
    while (this.#rooms.size > 0) await Promise.all(this.#rooms.values());
    this.#mayDrain = false;
    await this.#writes;
  }

  #startRooms(): void {
    if (!this.#mayDrain || !this.#canSend) return;
    for (const { roomId, state } of this.#entries) {
      if (state !== "pending" || this.#rooms.has(roomId) || !this.#options.maySend(roomId)) continue;
      this.#rooms.set(
        roomId,
        this.#sendRoom(roomId).finally(() => this.#rooms.delete(roomId)),
      );
    }
  }

  async #sendRoom(roomId: string): Promise<void> {
    let failureCount = 0;
    const first = () => this.#entries.find((entry) => entry.roomId === roomId && entry.state === "pending");
    for (let entry = first(); entry && this.#canSend; entry = first()) {
      const outcome = await this.#deliver(entry);
      if (outcome.ok) {
        failureCount = 0;
        continue;
      }
      const { error } = outcome;
      const isThere = this.#entries.some(({ clientId }) => clientId === entry?.clientId);
      if (error.code === "closed" && isThere) return;
      if (error.retryable) {
        const waitMs = error.retryAfterMs ?? backoffMs(failureCount, this.#options.random);
        failureCount += 1;
        if (this.#canSend) await this.#pause(Math.max(minRetryMs, waitMs));
      } else if (isThere) {
        await this.#update({ ...entry, state: "failed", error: failureOf(error) });
      }
    }
  }

  /** Its files first, then the message. */
  async #deliver(entry: OutboxEntry): Promise<Outcome<"chat_message">> {
    const storage = this.#storage;
    if (!storage || !entry.attachments?.some(({ fileId }) => fileId === undefined)) return await this.#send(entry);
    try {
      const ready = await this.#options.files.finish(entry, storage);
      // It may have been dropped meanwhile.
      if (!this.#entries.some(({ clientId }) => clientId === entry.clientId)) return { ok: false, error: cancelled() };
      await this.#update(ready);
      return await this.#send(ready);
    } catch (error) {
      return { ok: false, error: asRealtimeError(error) };
    }
  }

  #send(entry: OutboxEntry): Promise<Outcome<"chat_message">> {
    this.#sendingIds.add(entry.clientId);
    return new Promise((resolve) => {
      this.#options.requests.call("chat_message", commandOf(entry), (outcome) => {
        this.#sendingIds.delete(entry.clientId);
        if (outcome.ok) this.#confirm(entry, outcome.reply);
        resolve(outcome);
      });
    });
  }

  #confirm(entry: OutboxEntry, { message }: CommandReply<"chat_message">): void {
    const { clientId } = entry;
    this.#entries = this.#entries.filter((other) => other.clientId !== clientId);
    this.#options.confirmed(message);
    this.#forget(entry, { type: "confirmed", clientId, message });
  }

  /** Takes a confirmed entry out of the storage. Until that is done, a reload must not bring it back. */
  #forget(entry: OutboxEntry, news: OutboxNews = { type: "changed" }): void {
    const { clientId } = entry;
    this.#confirmedIds.add(clientId);
    this.#write(async (storage) => {
      await storage.remove(clientId);
      await this.#options.files.release(entry, storage);
      this.#confirmedIds.delete(clientId);
      storage.tell(news);
    });
  }

  #takeNews(news: OutboxNews): void {
    if (news.type === "confirmed") {
      this.#drop(news.clientId, () => this.#options.confirmed(news.message as Message));
      return;
    }
    this.#write(() => this.#reload()).then(() => this.drain());
  }

  async #reload(): Promise<void> {
    const stored = (await this.#storage?.list()) ?? [];
    const unstored = this.#entries.filter(({ order }) => order === Number.POSITIVE_INFINITY);
    const roomIds = new Set([...this.#entries, ...stored].map(({ roomId }) => roomId));
    this.#entries = [...stored.filter(({ clientId }) => !this.#confirmedIds.has(clientId)), ...unstored];
    for (const roomId of roomIds) this.#options.changed(roomId);
  }

  async #update(entry: OutboxEntry): Promise<void> {
    this.#entries = this.#entries.map((known) => (known.clientId === entry.clientId ? entry : known));
    this.#options.changed(entry.roomId);
    await this.#write(async (storage) => {
      await storage.update(entry);
      storage.tell({ type: "changed" });
    });
  }

  #put(entry: OutboxEntry): void {
    this.#entries = [...this.#entries.filter(({ clientId }) => clientId !== entry.clientId), entry];
    this.#entries.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order));
    this.#options.changed(entry.roomId);
  }

  #drop(clientId: string, instead: () => void = () => undefined): OutboxEntry | undefined {
    const entry = this.#entries.find((known) => known.clientId === clientId);
    this.#entries = this.#entries.filter((known) => known !== entry);
    instead();
    if (entry) this.#options.changed(entry.roomId);
    return entry;
  }

  /** Storage may be full or forbidden: the message is sent all the same, but does not survive a reload. */
  #unstored(entry: NewOutboxEntry): OutboxEntry {
    return { ...entry, order: Number.POSITIVE_INFINITY };
  }

  #write(change: (storage: OutboxStorage) => Promise<void>): Promise<void> {
    const done = this.#writes.then(async () => {
      if (this.#storage && !this.#isClosed) await change(this.#storage);
    });
    // A change that could not be stored is made good by the next reload: every repeat carries its nonce.
    this.#writes = done.catch(() => undefined);
    return this.#writes;
  }

  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const timer = this.#options.clock.after(waitMs, end);
      this.#pauses.add(end);
    });
  }
}

function commandOf(entry: OutboxEntry): CommandInput<"chat_message"> {
  return {
    roomId: entry.roomId,
    content: entry.content,
    nonce: entry.clientId,
    ...(entry.replyTo === undefined ? {} : { replyTo: entry.replyTo }),
    ...(entry.metadata === undefined ? {} : { metadata: entry.metadata }),
    ...(entry.attachments ? { attachments: entry.attachments.map(attachedOf) } : {}),
  };
}

function attachedOf({ fileId = "", alt }: OutboxAttachment): { fileId: string; alt?: string } {
  return { fileId, ...(alt === undefined ? {} : { alt }) };
}
