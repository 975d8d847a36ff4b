/** Mentions of people in the text of a document, as Yjs keeps them: an element `mention` whose attribute `id` is a user. */
import { limits } from "@mirage/protocol";
import * as Y from "yjs";
import { runAtOnce, type Steps } from "../../../lib/time-slices.ts";
import { cutUpdate } from "../gate/cut-update.ts";
import { readingUpdate } from "../gate/read-update.ts";

/** One mention. Its place among what its editor wrote (`client`, `clock`) is its own for ever. */
export interface TextMention {
  client: number;
  clock: number;
  userId: string;
}

const nodeName = "mention";
/** What every update that makes a mention has in it. */
export const mentionBytes = Buffer.from(nodeName);
/** Mentions of one update that are looked at. */
const maxMentions = limits.mentionsPerMessage;

/** Which mention it is, for as long as the document is there. */
export const mentionIdOf = ({ client, clock }: Pick<TextMention, "client" | "clock">): string => `${client}.${clock}`;

/** The mentions that an update makes, which the gate has let pass: every element is made by one update alone. */
export function findMentions(update: Uint8Array): TextMention[] {
  return runAtOnce(findingMentions(update));
}

/** `findMentions` in steps. */
export function* findingMentions(update: Uint8Array): Steps<TextMention[]> {
  const bytes = Buffer.from(update.buffer, update.byteOffset, update.byteLength);
  if (!bytes.includes(mentionBytes)) return [];
  const found: Found = { named: new Map(), elements: [] };
  const outline = yield* readingUpdate(update, { isTrusted: true });
  // What comes before what does not matter here.
  for (const piece of cutUpdate(update, { ...outline, deletes: [] }, () => Number.POSITIVE_INFINITY)) {
    collect(Y.decodeUpdate(piece).structs, found);
    yield;
  }
  return found.elements.slice(0, maxMentions).flatMap(({ client, clock }) => {
    const userId = found.named.get(mentionIdOf({ client, clock }));
    return userId === undefined || userId.length > limits.idCodePoints ? [] : [{ client, clock, userId }];
  });
}

interface Found {
  /** Whom an element names, by its place. */
  named: Map<string, string>;
  elements: Y.ID[];
}

function collect(structs: readonly unknown[], { named, elements }: Found): void {
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue;
    const { content, id, parent, parentSub } = struct;
    if (content instanceof Y.ContentType && content.type instanceof Y.XmlElement) {
      if (content.type.nodeName === nodeName) elements.push(id);
    } else if (content instanceof Y.ContentAny && parentSub === "id" && parent instanceof Y.ID) {
      const [userId] = content.arr;
      if (typeof userId === "string") named.set(mentionIdOf(parent), userId);
    }
  }
}

/** The text around a mention; undefined where it does not stand in the document any more. */
export function quoteAround(doc: Y.Doc, { client, clock }: Pick<TextMention, "client" | "clock">): string | undefined {
  if (Y.getState(doc.store, client) <= clock) return undefined;
  const item = Y.getItem(doc.store, Y.createID(client, clock));
  if (!(item instanceof Y.Item) || item.deleted || !(item.parent instanceof Y.XmlElement)) return undefined;
  return item.parent.toArray().map(wordsOf).join("").trim();
}

function wordsOf(node: Y.XmlElement | Y.XmlText | Y.XmlHook): string {
  if (node instanceof Y.XmlText) {
    const runs: { insert: unknown }[] = node.toDelta();
    return runs.map(({ insert }) => (typeof insert === "string" ? insert : "")).join("");
  }
  if (!(node instanceof Y.XmlElement) || node.nodeName !== nodeName) return "";
  return `@${String(node.getAttribute("label") ?? node.getAttribute("id") ?? "")}`;
}
