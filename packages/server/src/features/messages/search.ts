import { type CommandPayload, type CommandReply, limits, Refusal, type SearchHit } from "@mirage/protocol";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { idAt } from "../../lib/ids.ts";
import { findTerms, keyRanges, parseTerms, type SearchTerm } from "../../lib/search-words.ts";
import { Turnstile } from "../../lib/turnstile.ts";
import type { SearchedMessage, SearchStore } from "./search.store.ts";
import { keyOfAuthor, keyOfHaving, type SearchIndex, searchedText } from "./search-index.ts";

export interface MessageSearchDeps {
  guard: RoomGuard;
  store: SearchStore;
  index: SearchIndex;
}

type Input = CommandPayload<"search_messages">;

/** Ranges that one search looks up in each block; the texts that are found are held to all of its words. */
const maxRanges = 16;
/** Of what stands before the first word, so much is shown with it. */
const beforeFoundCodePoints = 40;

/** Finds messages by their words. */
export class MessageSearch {
  readonly #deps: MessageSearchDeps;
  readonly #turnstile = new Turnstile({
    atOnce: 3,
    maxWaiting: 100,
    maxWaitMs: 3_000,
    refusal: () => new Refusal("overloaded", "Too many searches at once", { retryAfterMs: 1_000 }),
  });

  constructor(deps: MessageSearchDeps) {
    this.#deps = deps;
  }

  /** @throws Refusal `bad_request` without a word, `not_found`, `unavailable` or `overloaded` where later helps. */
  async search(session: Session, input: Input): Promise<CommandReply<"search_messages">> {
    const terms = parseTerms(input.query);
    const ranges = rangesOf(input, terms);
    if (ranges.length === 0) throw new Refusal("bad_request", "A word to search for is required");
    if (input.roomId !== undefined) await this.#deps.guard.require(session, input.roomId, "read");
    return await this.#turnstile.run(async () => {
      const roomIds = input.roomId === undefined ? await this.#deps.store.listRoomsOf(session.userId) : [input.roomId];
      await this.#deps.index.catchUp(roomIds);
      // That may have taken a while: who may read is looked up anew, in the search itself or right before it.
      if (input.roomId !== undefined) await this.#deps.guard.require(session, input.roomId, "read");
      const found = await this.#deps.store.search({
        roomIds,
        memberId: input.roomId === undefined ? session.userId : undefined,
        ranges,
        fromId: input.after === undefined ? "" : idAt(Date.parse(input.after)),
        belowId: belowOf(input),
        limit: limits.pageHits + 1,
      });
      const page = found.slice(0, limits.pageHits);
      return {
        hits: page.flatMap((message) => toHit(message, terms)),
        nextCursor: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
      };
    });
  }
}

function rangesOf({ from, has }: Input, terms: readonly SearchTerm[]): [string, string][] {
  const filters = [
    ...(from === undefined ? [] : [keyOfAuthor(from)]),
    ...(has === undefined ? [] : [keyOfHaving(has)]),
  ];
  const ranges = [...filters.map((key): [string, string] => [key, key]), ...terms.flatMap(keyRanges)];
  return ranges.slice(0, maxRanges);
}

function belowOf({ before, cursor }: Input): string | undefined {
  const bounds = [cursor, before === undefined ? undefined : idAt(Date.parse(before))].filter((id) => id !== undefined);
  return bounds.sort()[0];
}

/** Nothing where the words stand elsewhere than in one run, or are gone since. */
function toHit(message: SearchedMessage, terms: readonly SearchTerm[]): SearchHit[] {
  const text = searchedText(message);
  const at = findTerms(text, terms);
  if (at === undefined) return [];
  const { roomId, id: messageId, seq, userId, username, createdAt } = message;
  return [
    { roomId, messageId, seq, userId, username, timestamp: createdAt.toISOString(), excerpt: excerptOf(text, at) },
  ];
}

function excerptOf(text: string, at: number): string {
  const before = [...text.slice(0, at)];
  const kept = before.slice(-beforeFoundCodePoints);
  const letters = [...kept, ...text.slice(at)];
  const shown = letters.slice(0, limits.searchExcerptCodePoints);
  return `${kept.length < before.length ? "…" : ""}${shown.join("").trim()}${shown.length < letters.length ? "…" : ""}`;
}
