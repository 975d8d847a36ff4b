import fc from "fast-check";
import * as Y from "yjs";

/** What somebody may do to a document, whatever stands in it. */
export const contentChanges = ["write", "delete", "format", "embed", "set", "list", "paragraph", "remove"] as const;
export type ContentChange = (typeof contentChanges)[number];

export interface ContentStep {
  change: ContentChange;
  at: number;
}

export const contentStep = fc.record({ change: fc.constantFrom(...contentChanges), at: fc.nat(500) });

/** For tests: changes a document in one transaction, as an editor does. */
export function changeContent(doc: Y.Doc, { change, at }: ContentStep): void {
  doc.transact(() => changes[change](doc, at));
}

const changes: Record<ContentChange, (doc: Y.Doc, at: number) => void> = {
  write: (doc, at) => textOf(doc).insert(at % (textOf(doc).length + 1), `${doc.clientID % 97}é${at} `),
  delete: (doc, at) => textOf(doc).delete(...stretch(textOf(doc).length, at)),
  format: (doc, at) => textOf(doc).format(...stretch(textOf(doc).length, at), { bold: at % 2 === 0 ? true : null }),
  embed: (doc, at) => textOf(doc).insertEmbed(at % (textOf(doc).length + 1), { image: `${at}` }),
  set: (doc, at) => doc.getMap("map").set(`k${at % 5}`, Y.Array.from([at, null, { a: at / 3 }])),
  list(doc, at) {
    const list = doc.getMap("map").get(`k${at % 5}`);
    if (list instanceof Y.Array) list.insert(at % (list.length + 1), [`${at}`]);
  },
  paragraph(doc, at) {
    const paragraph = new Y.XmlElement("paragraph");
    paragraph.insert(0, [new Y.XmlText(`${at}`)]);
    paragraph.setAttribute("align", at % 2 === 0 ? "left" : "right");
    paragraphsOf(doc).insert(at % (paragraphsOf(doc).length + 1), [paragraph]);
  },
  remove: (doc, at) => paragraphsOf(doc).delete(...stretch(paragraphsOf(doc).length, at)),
};

const textOf = (doc: Y.Doc): Y.Text => doc.getText("content");
const paragraphsOf = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment("paragraphs");

function stretch(length: number, at: number): [from: number, length: number] {
  const from = at % (length + 1);
  return [from, Math.min(1 + (at % 9), length - from)];
}

/** For tests: everything that can be seen of a document, and what it knows of each client. */
export function seenOf(doc: Y.Doc): unknown {
  return {
    text: textOf(doc).toDelta(),
    map: doc.getMap("map").toJSON(),
    paragraphs: paragraphsOf(doc).toString(),
    clocks: Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(doc))),
  };
}
