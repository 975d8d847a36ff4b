import * as Y from "yjs";

/**
 * The update that makes one content be another: everything that is there is deleted, and everything that was there then is
 * written again, item by item, so that it works for every kind of content and keeps formats and attributes. What people
 * write meanwhile stays where it can.
 */
export function restoringUpdate(job: { present: Uint8Array; wanted: Uint8Array; clientId: number }): {
  update: Uint8Array;
} {
  const doc = open(job.present);
  const wanted = open(job.wanted);
  doc.clientID = job.clientId;
  const before = Y.encodeStateVector(doc);
  const deleted: Y.Item[] = [];
  doc.transact((transaction) => {
    for (const root of doc.share.values()) for (const item of itemsOf(root)) deleted.push(item);
    for (const item of deleted) item.delete(transaction);
    for (const [name, root] of wanted.share) copyItems(transaction, root, doc.get(name));
  });
  return { update: Y.encodeStateAsUpdate(doc, before) };
}

type AnyType = Y.ContentType["type"];

function open(state: Uint8Array): Y.Doc {
  // What is collected is not there to be compared or written again; only what is shown counts.
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, state);
  return doc;
}

/** Everything in a type that is not deleted: its list in order, then its named values. */
function* itemsOf(type: AnyType): Generator<Y.Item> {
  for (let item = type._start; item !== null; item = item.right) if (!item.deleted) yield item;
  for (const item of type._map.values()) if (!item.deleted) yield item;
}

/** Copies with a list of what is still to do: how deep it goes is not for the stack to bear. */
function copyItems(transaction: Y.Transaction, source: AnyType, target: AnyType): void {
  const waiting: [AnyType, AnyType][] = [[source, target]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [from, to] = next;
    let left: Y.Item | null = lastOf(to);
    for (const item of itemsOf(from)) {
      const isNamed = item.parentSub !== null;
      const beside: Y.Item | null = isNamed ? (to._map.get(item.parentSub ?? "") ?? null) : left;
      const copy = append(transaction, {
        parent: to,
        left: beside,
        parentSub: item.parentSub,
        content: item.content.copy(),
      });
      if (!isNamed) left = copy;
      if (item.content instanceof Y.ContentType && copy.content instanceof Y.ContentType)
        waiting.push([item.content.type, copy.content.type]);
    }
  }
}

function lastOf(type: AnyType): Y.Item | null {
  let last = type._start;
  while (last?.right) last = last.right;
  return last;
}

interface Place {
  parent: AnyType;
  left: Y.Item | null;
  parentSub: string | null;
  content: Y.Item["content"];
}

function append(transaction: Y.Transaction, { parent, left, parentSub, content }: Place): Y.Item {
  const { store, clientID } = transaction.doc;
  const id = Y.createID(clientID, Y.getState(store, clientID));
  const item = new Y.Item(id, left, left?.lastId ?? null, null, null, parent, parentSub, content);
  item.integrate(transaction, 0);
  return item;
}
