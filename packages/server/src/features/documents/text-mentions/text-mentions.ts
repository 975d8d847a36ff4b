import type { DocumentReaders } from "../../../access/document-readers.ts";
import type { DocumentTelling, TextMentionCause } from "../../../access/document-telling.ts";
import type { Change } from "../../../hot-path/change.ts";
import type { ChatItem } from "../../../hot-path/chat-lane/items.ts";
import { requireOk } from "../../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../../hot-path/hot-path.ts";
import type { TimeSlices } from "../../../lib/time-slices.ts";
import type { Clock, Timer } from "../../../ports/clock.ts";
import { findingMentions, findMentions, mentionIdOf, type TextMention } from "./find-mentions.ts";
import type { TextMentionStore } from "./text-mentions.store.ts";

export interface TextMentionsDeps {
  hotPath: Pick<HotPath, "submit">;
  readers: DocumentReaders;
  telling: DocumentTelling;
  store: TextMentionStore;
  clock: Clock;
  /** Where large updates are looked through. */
  slices: TimeSlices;
  /** The words around each mention; null for one that does not stand in the document any more. */
  quote: (documentId: string, mentions: readonly Pick<TextMention, "client" | "clock">[]) => Promise<(string | null)[]>;
  onFault: (error: unknown) => void;
}

interface Edit {
  documentId: string;
  update: Uint8Array;
  userId: string;
}

interface Written extends TextMention {
  authorId: string;
}

/** A larger update is looked through in slices. */
const smallBytes = 4 * 1024;
/** Whoever changes their mind by then has named nobody; and the words around it are there. */
const patienceMs = 3_000;
/** A mention that goes and one that comes within this time are one that was moved. */
const movedWithinMs = 10 * 60_000;
const maxWaitingOfDocument = 200;
const maxIgnored = 1_000;

/**
 * Tells people that somebody has named them in the text of a document. Each mention is made by one update, and has an id
 * for ever, so nothing is told twice, however often it is looked at. See docs/decisions/0032-talk-about-documents.md.
 */
export class TextMentions {
  readonly #deps: TextMentionsDeps;
  readonly #waiting = new Map<string, { mentions: Written[]; timer: Timer }>();
  readonly #ignored = new Set<number>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: TextMentionsDeps) {
    this.#deps = deps;
  }

  /** This node has committed; of an edit the mentions it makes are kept in mind. */
  see(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.event !== "collaborative_edit") continue;
      this.#look(change.payload);
    }
  }

  /** What this Yjs client writes names nobody anew: it brings back what was there before. */
  ignore(client: number): void {
    this.#ignored.add(client);
    const [oldest] = this.#ignored;
    if (this.#ignored.size > maxIgnored && oldest !== undefined) this.#ignored.delete(oldest);
  }

  /** Looks through what was committed shortly before this start, which may have ended before it was told. */
  async recover(): Promise<void> {
    const { store, clock, onFault } = this.#deps;
    try {
      for (const edit of await store.listNaming(new Date(clock.now() - movedWithinMs))) {
        this.#look(edit);
      }
    } catch (error) {
      onFault(error);
    }
  }

  /** Tells what waits, at once. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
    for (const [documentId, { timer }] of this.#waiting) {
      timer.cancel();
      this.#start(documentId);
    }
    await Promise.all(this.#running);
  }

  #look(edit: Edit): void {
    if (edit.update.length <= smallBytes) this.#note(edit, findMentions(edit.update));
    else this.#keep(this.#deps.slices.run(findingMentions(edit.update)).then((made) => this.#note(edit, made)));
  }

  #note({ documentId, userId: authorId }: Edit, made: readonly TextMention[]): void {
    const found = made.filter(({ client, userId }) => userId !== authorId && !this.#ignored.has(client));
    if (found.length === 0) return;
    let waiting = this.#waiting.get(documentId);
    if (!waiting) {
      const timer = this.#deps.clock.after(patienceMs, () => this.#start(documentId));
      waiting = { mentions: [], timer };
      this.#waiting.set(documentId, waiting);
    }
    waiting.mentions.push(...found.map((mention) => ({ ...mention, authorId })));
    waiting.mentions.splice(maxWaitingOfDocument);
  }

  #start(documentId: string): void {
    const mentions = this.#waiting.get(documentId)?.mentions ?? [];
    this.#waiting.delete(documentId);
    this.#keep(this.#tell(documentId, mentions));
  }

  /** Whoever closes waits for it. */
  #keep(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => this.#deps.onFault(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #tell(documentId: string, mentions: readonly Written[]): Promise<void> {
    const { hotPath, telling, clock } = this.#deps;
    const notices = await telling.ofTextMentions(await this.#causesOf(documentId, mentions));
    const userId = notices[0]?.people[0]?.userId;
    if (userId === undefined) return;
    const item: ChatItem = { op: "notify", userId, notices, at: clock.now() };
    requireOk(await hotPath.submit(async () => item, `mentions ${documentId}`));
  }

  /** Those mentions that stand, are new, and name somebody who may read the document. */
  async #causesOf(documentId: string, mentions: readonly Written[]): Promise<TextMentionCause[]> {
    const { store, readers, quote, clock } = this.#deps;
    const userIds = [...new Set(mentions.flatMap(({ userId, authorId }) => [userId, authorId]))];
    const toldSince = new Date(clock.now() - movedWithinMs);
    const [facts, readerIds] = await Promise.all([
      store.findFacts(documentId, { userIds, toldSince }),
      readers.listAmong(documentId, userIds),
    ]);
    const named = mentions.filter(({ userId }) => readerIds.includes(userId));
    if (!facts || named.length === 0) return [];
    const earlier = facts.told.map(({ mentionId }) => placeOf(mentionId));
    const quotes = await quote(documentId, [...named, ...earlier]);
    // Whom one has gone of since is not told of the next: it was moved. And nobody is told twice at once.
    const spared = new Set(
      facts.told.flatMap(({ userId }, at) => (quotes[named.length + at] === null ? [userId] : [])),
    );
    const place = { documentId, documentTitle: facts.title, roomId: facts.roomId };
    return named.flatMap((mention, at): TextMentionCause[] => {
      const words = quotes[at];
      const { userId, authorId } = mention;
      if (words == null || spared.has(userId)) return [];
      spared.add(userId);
      const author = { userId: authorId, username: facts.usernames.get(authorId) ?? "" };
      return [{ ...place, author, mentionId: mentionIdOf(mention), userId, quote: words }];
    });
  }
}

function placeOf(mentionId: string): Pick<TextMention, "client" | "clock"> {
  const [client = 0, clock = 0] = mentionId.split(".").map(Number);
  return { client, clock };
}
