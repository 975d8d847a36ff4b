import { Refusal } from "@mirage/protocol";
import { searchKeys } from "../../lib/search-words.ts";
import type { Clock } from "../../ports/clock.ts";
import { groupByWord, type SearchedMessage, type SearchStore, type UnindexedRoom } from "./search.store.ts";

/** Messages whose words are written in one statement: a few dozen milliseconds of the embedded database. */
const sliceMessages = 250;
/** How long one search looks through what nobody has searched before. */
const catchUpMs = 2_000;

export type Has = "file" | "image" | "link";

/**
 * Knows the words of rooms that are searched. A room is looked through when somebody searches it, as far as it has changed
 * since: what nobody searches costs nothing, and whoever does finds what was said just now.
 */
export class SearchIndex {
  readonly #store: SearchStore;
  readonly #clock: Clock;

  constructor(options: { store: SearchStore; clock: Clock }) {
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /** Looks through what has changed in these rooms. @throws Refusal `unavailable` when that is much: going on helps. */
  async catchUp(roomIds: readonly string[]): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + catchUpMs;
    for (const room of await this.#store.listUnindexed(roomIds)) await this.#catchUpRoom(room, untilMs);
  }

  async #catchUpRoom({ roomId, from, head }: UnindexedRoom, untilMs: number): Promise<void> {
    for (let at = from; at < head; ) {
      if (this.#clock.monotonicMs() > untilMs) throw beingMadeReady();
      const messages = await this.#store.listChangedAfter(roomId, at, sliceMessages);
      const to = messages.length < sliceMessages ? Math.max(head, lastChangeOf(messages)) : lastChangeOf(messages);
      const gone = messages.filter((message) => message.isEdited || message.isDeleted).map(({ seq }) => seq);
      const words = groupByWord(messages.map((message) => ({ seq: message.seq, keys: keysOf(message) })));
      const isOurs = await this.#store.index({ roomId, from: at, head, to, gone, words });
      // Where another search was quicker, this one goes on behind it.
      at = isOurs ? to : ((await this.#store.listUnindexed([roomId]))[0]?.from ?? head);
    }
  }
}

/** Whatever of a message people read: its text, and what its files are called and described by. */
export function searchedText({ content, attachments }: Pick<SearchedMessage, "content" | "attachments">): string {
  return [content, ...(attachments ?? []).flatMap(({ alt, name }) => [alt ?? "", name])].join("\n");
}

/** The keys of who wrote something and of what it has. No word begins with a space. */
export function keyOfAuthor(userId: string): string {
  return ` from ${userId}`;
}
export function keyOfHaving(kind: Has): string {
  return ` has ${kind}`;
}

function keysOf(message: SearchedMessage): string[] {
  if (message.isDeleted || message.type === "system") return [];
  const attachments = message.attachments ?? [];
  const has: Record<Has, boolean> = {
    file: attachments.length > 0,
    image: attachments.some(({ type }) => type.startsWith("image/")),
    link: /https?:\/\/\S/i.test(message.content),
  };
  const kinds = (["file", "image", "link"] as const).filter((kind) => has[kind]);
  return [...searchKeys(searchedText(message)), keyOfAuthor(message.userId), ...kinds.map(keyOfHaving)];
}

function lastChangeOf(messages: readonly SearchedMessage[]): number {
  return messages.at(-1)?.updatedSeq ?? 0;
}

function beingMadeReady(): Refusal {
  return new Refusal("unavailable", "What was said here is being looked through for the first time", {
    retryAfterMs: 1_000,
  });
}
