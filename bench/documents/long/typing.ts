import * as Y from "yjs";
import type { Random } from "../../../faults/random.ts";

/** One edit, as it is sent. */
export interface Typed {
  author: number;
  clientId: number;
  /** The author's clock before and after it. */
  known: number;
  to: number;
  update: Uint8Array;
}

const words = "the quick brown fox jumps over a lazy dog while nobody looks and then goes home".split(" ");
const letters = [...words.join(" ")];
/** How often somebody goes on elsewhere, and how often they delete instead. */
const jumpShare = 0.05;
const deleteShare = 0.15;
const turnEdits = 40;

/**
 * Several people who write one text as people do: letter by letter where their cursor is, now and then elsewhere, now and
 * then deleting. Each sees what the others have written before their own turn.
 */
export class Typing {
  readonly #random: Random;
  readonly #docs: Y.Doc[];
  readonly #cursors: number[];
  #made: Uint8Array[] = [];
  #author = 0;
  #inTurn = 0;

  constructor(authors: number, random: Random) {
    this.#random = random;
    this.#docs = Array.from({ length: authors }, (_, author) => Object.assign(new Y.Doc(), { clientID: author + 1 }));
    this.#cursors = this.#docs.map(() => 0);
    for (const doc of this.#docs)
      doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin !== this) this.#made.push(update);
      });
  }

  /** The next edit, which goes by itself as an editor sends it. */
  next(): Typed {
    if (this.#inTurn++ === turnEdits) this.#pass();
    const doc = this.#docs[this.#author] as Y.Doc;
    const known = Y.getState(doc.store, doc.clientID);
    doc.transact(() => this.#edit(doc.getText("content")));
    const [update] = this.#made.splice(0);
    if (!update) return this.next();
    return { author: this.#author, clientId: doc.clientID, known, to: Y.getState(doc.store, doc.clientID), update };
  }

  #edit(text: Y.Text): void {
    const at = Math.min(this.#cursors[this.#author] ?? 0, text.length);
    const isDeleting = this.#random.next() < deleteShare && at > 0;
    if (isDeleting) text.delete(at - 1, 1);
    else text.insert(at, this.#random.pick(letters));
    const next =
      this.#random.next() < jumpShare
        ? Math.floor(this.#random.between(0, text.length + 1))
        : at + (isDeleting ? -1 : 1);
    this.#cursors[this.#author] = next;
  }

  /** Another one's turn, who sees all that is there. */
  #pass(): void {
    const last = this.#docs[this.#author] as Y.Doc;
    this.#author = (this.#author + 1) % this.#docs.length;
    const doc = this.#docs[this.#author] as Y.Doc;
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(last, Y.encodeStateVector(doc)), this);
    this.#inTurn = 0;
  }
}

/** The content of a document of at least so many bytes: short paragraphs of several authors, as imported ones are. */
export function contentOf(
  bytes: number,
  random: Random,
): { update: Uint8Array; clients: { clientId: number; known: number; to: number }[] } {
  const doc = new Y.Doc();
  const content = doc.getXmlFragment("content");
  const paragraphBytes = 400;
  doc.transact(() => {
    for (let written = 0; written < bytes; written += paragraphBytes) {
      const paragraph = new Y.XmlElement("paragraph");
      const text = Array.from({ length: 80 }, () => random.pick(words)).join(" ");
      paragraph.insert(0, [new Y.XmlText(text)]);
      content.push([paragraph]);
    }
  });
  const to = Y.getState(doc.store, doc.clientID);
  return { update: Y.encodeStateAsUpdate(doc), clients: [{ clientId: doc.clientID, known: 0, to }] };
}
