import type { ErrorCode } from "@mirage/protocol";
import { runAtOnce, type Steps } from "../../../lib/time-slices.ts";
import { Malformed } from "./bounded-reader.ts";
import type { UpdateOutline } from "./read-update.ts";
import { type Id, readingUpdate, type Section, type Stretch, type Struct, structsOfStep } from "./read-update.ts";
import { runsInOrder } from "./runs-in-order.ts";

/**
 * Judges one update before anything is made of it. What passes can be applied by Yjs to this copy, and to every other that
 * has as much, in one go: nothing waits for something else, nothing is somebody else's, nothing makes it throw or hang.
 * See docs/decisions/0030-documents.md.
 */

/** What the gate has to know of the document as this node has it. */
export interface KnownDocument {
  /** The next clock of a client: everything before it is here. */
  clockOf(client: number): number;
  /** Whose a client id is; undefined: nobody's yet. */
  ownerOf(client: number): string | undefined;
  isDeleted(stretch: Stretch): boolean;
  /** Whether nothing stands before the item with this id, in what it is in. */
  isFirst(id: Id): boolean;
  /** How deep in others the item with this id is; 0 in a root. Past `maxNesting` any number above it will do. */
  nestingOf(id: Id): number;
}

/** What of one client an update brings: from `known`, which is the next clock here, to `to`. */
export interface ClientAdvance {
  clientId: number;
  known: number;
  to: number;
}

export type Verdict =
  | { kind: "new"; clients: ClientAdvance[] }
  /** Everything in it is here already. */
  | { kind: "duplicate" }
  /** It needs something that is not here. Where this copy may be behind, it is judged again with a newer one. */
  | { kind: "ahead"; reason: string }
  | { kind: "refused"; code: Extract<ErrorCode, "bad_update" | "too_large" | "client_id_taken">; reason: string };

/** What somebody writes and deletes before it is sent becomes such a stretch; an honest one is not longer. */
const maxGcUnits = 65_536;
/** Deleting recurses into what is deleted, here and in every editor. */
export const maxNesting = 100;
/**
 * Items that all want to be at one place, but each before another one, are compared by Yjs each with all: 4,000 of them take
 * two seconds, here and in every editor.
 */
const maxSiblings = 2_048;

export interface Judged {
  update: Uint8Array;
  userId: string;
  maxBytes: number;
}

export function judgeUpdate(judged: Judged, known: KnownDocument): Verdict {
  return runAtOnce(judgingUpdate(judged, known));
}

/** `judgeUpdate` in steps. The document may gain something between them: what was there stays. */
export function* judgingUpdate({ update, userId, maxBytes }: Judged, known: KnownDocument): Steps<Verdict> {
  if (update.length > maxBytes) return refused("too_large", `an update has at most ${maxBytes} bytes`);
  try {
    return yield* judgeOutline(yield* readingUpdate(update), userId, known);
  } catch (error) {
    if (error instanceof Malformed) return refused(error.code, error.message);
    throw error;
  }
}

function* judgeOutline({ sections, deletes }: UpdateOutline, userId: string, known: KnownDocument): Steps<Verdict> {
  for (const { client } of sections) {
    const owner = known.ownerOf(client);
    if (owner !== undefined && owner !== userId) return refused("client_id_taken", "a client id of somebody else");
    if (owner === undefined && known.clockOf(client) > 0) return refused("client_id_taken", "a client id of nobody");
  }
  const fault = yield* findFault(sections, known);
  if (fault) return refused("bad_update", fault);
  for (const { client, from } of sections)
    if (from > known.clockOf(client)) return { kind: "ahead", reason: "something of this client is missing before it" };
  const heads = new Map(sections.map(({ client, to }) => [client, Math.max(to, known.clockOf(client))]));
  const headOf = (client: number): number => heads.get(client) ?? known.clockOf(client);
  if (deletes.some(({ client, clock, length }) => clock + length > headOf(client)))
    return { kind: "ahead", reason: "it deletes what is not there" };
  if (!(yield* isComplete(sections, known))) return { kind: "ahead", reason: "it depends on what is not there" };
  if (yield* isTooDeep(sections, known)) return refused("bad_update", "nested too deep");
  const clients = sections
    .map(({ client, to }) => ({ clientId: client, known: known.clockOf(client), to }))
    .filter((advance) => advance.to > advance.known);
  const isNew = clients.length > 0 || deletes.some((stretch) => !known.isDeleted(stretch));
  return isNew ? { kind: "new", clients } : { kind: "duplicate" };
}

/** What is wrong however much of the rest is here. */
function* findFault(sections: readonly Section[], known: KnownDocument): Steps<string | undefined> {
  let gcUnits = 0;
  let seen = 0;
  const siblings = new Map<number, number>();
  for (const { client, structs } of sections) {
    for (const { isGc, length, clock, origin, rightOrigin, parent } of structs) {
      if (++seen % structsOfStep === 0) yield;
      if (isGc) gcUnits += length;
      const isBefore = (id: Id | undefined): boolean => id === undefined || id.client !== client || id.clock < clock;
      if (!isBefore(origin) || !isBefore(rightOrigin) || !isBefore(parent))
        return "something that depends on what comes after it";
      if (!rightOrigin || (!origin && isKnownFirst(rightOrigin, known))) continue;
      // Places of two clients may share a number: it is a bound, and no count.
      const place = origin ? origin.clock * 64 + (origin.client % 64) : -1;
      const count = (siblings.get(place) ?? 0) + 1;
      if (count > maxSiblings) return "too much at one place";
      siblings.set(place, count);
    }
  }
  return gcUnits > maxGcUnits ? "more deleted at once than anybody writes" : undefined;
}

/** What comes before something that was first is compared with nothing. */
function isKnownFirst(id: Id, known: KnownDocument): boolean {
  return id.clock < known.clockOf(id.client) && known.isFirst(id);
}

/** Whether each struct finds what it depends on, here or in the update. */
function* isComplete(sections: readonly Section[], known: KnownDocument): Steps<boolean> {
  let missing = sections.reduce((sum, { structs }) => sum + structs.length, 0);
  for (const { from, to } of runsInOrder(sections, (client) => known.clockOf(client))) {
    missing -= to - from;
    yield;
  }
  return missing === 0;
}

/** Only what others can be in makes anything deeper. */
function* isTooDeep(sections: readonly Section[], known: KnownDocument): Steps<boolean> {
  const nesting = new Nesting(sections, known);
  let seen = 0;
  for (const { structs } of sections) {
    for (const struct of structs) {
      if (++seen % structsOfStep === 0) yield;
      if (struct.isType && nesting.of(struct) >= maxNesting) return true;
    }
  }
  return false;
}

/** How deep the structs of an update are, found by following what each is beside of or in. */
class Nesting {
  readonly #sections: Map<number, Section>;
  readonly #known: KnownDocument;
  readonly #found = new Map<Struct, number>();

  constructor(sections: readonly Section[], known: KnownDocument) {
    this.#sections = new Map(sections.map((section) => [section.client, section]));
    this.#known = known;
  }

  of(struct: Struct): number {
    // With a list and not by recursion: a chain of neighbours may be as long as the update.
    const path: Struct[] = [];
    let nesting: number | undefined;
    for (let at: Struct | undefined = struct; at && nesting === undefined; ) {
      nesting = this.#found.get(at);
      if (nesting !== undefined) break;
      path.push(at);
      const beside: Id | undefined = at.origin ?? at.rightOrigin ?? at.parent;
      at = beside && this.#find(beside);
      if (!at) nesting = beside ? this.#known.nestingOf(beside) : 0;
    }
    let deepest = nesting ?? 0;
    for (const one of path.reverse()) {
      if (one.parent) deepest++;
      this.#found.set(one, deepest);
    }
    return deepest;
  }

  /** The struct of this update that has the id, where it is not here already. */
  #find({ client, clock }: Id): Struct | undefined {
    const section = this.#sections.get(client);
    if (!section || clock < this.#known.clockOf(client) || clock < section.from) return undefined;
    const { structs } = section;
    let low = 0;
    for (let high = structs.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if ((structs[middle]?.clock ?? 0) <= clock) low = middle;
      else high = middle - 1;
    }
    return structs[low];
  }
}

function refused(code: Extract<Verdict, { kind: "refused" }>["code"], reason: string): Verdict {
  return { kind: "refused", code, reason };
}
