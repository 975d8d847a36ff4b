import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { LiveDocument } from "../live-document.ts";
import { judgeUpdate, type Verdict } from "./gate.ts";

const maxBytes = 256 * 1024;
const ann = 7;
const victim = 9;
let copy: LiveDocument;
let position: number;

beforeEach(() => {
  copy = new LiveDocument("d", { position: 0, states: [], clients: [], snapshotBytes: 0 });
  position = 0;
  commit("vic", textOf(victim, "hello"));
});

const judge = (update: Uint8Array, userId = "ann"): Verdict => judgeUpdate({ update, userId, maxBytes }, copy);

function commit(userId: string, update: Uint8Array): void {
  expect(judge(update, userId).kind).toBe("new");
  copy.apply(++position, { update, userId });
}

/** The update of somebody who types a text into an empty document. */
function textOf(clientID: number, text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  doc.getText("content").insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

/** An update as bytes: numbers, texts with their length before them, and bytes as they are. */
function bytesOf(...parts: (number | string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((part) => {
      if (typeof part === "number") return [variable(part)];
      return typeof part === "string" ? [variable(Buffer.byteLength(part)), Buffer.from(part)] : [part];
    }),
  );
}

/** A number in as many bytes as it takes, seven bits in each. */
function variable(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return Uint8Array.of(...bytes, left);
}

const [gc, deleted, json, string, embed, format, type, any, subdocument, skip] = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10];
/** What stands behind another item, before one, or between two. */
const [behind, before, between] = [0x80, 0x40, 0xc0].map((flags) => (kind: number) => Uint8Array.of(kind | flags)) as [
  Kind,
  Kind,
  Kind,
];
type Kind = (kind: number) => Uint8Array;
const root = [1, "content"];
const noDeletes = 0;
/** A key that is set to null for the first time. */
const firstOfKey = [Uint8Array.of(0x20 | any), ...root, "key", 1, 126];

const attacks: Record<string, { update: () => Uint8Array; kind: Verdict["kind"]; code?: string }> = {
  "a collected stretch in the name of somebody else": {
    update: () => bytesOf(1, 1, victim, 5, gc, 1_000, noDeletes),
    kind: "refused",
    code: "client_id_taken",
  },
  "text in the name of somebody else": {
    update: () => bytesOf(1, 1, victim, 5, string, ...root, "x", noDeletes),
    kind: "refused",
    code: "client_id_taken",
  },
  "thirty million structs in seven bytes": { update: () => bytesOf(1, 30_000_000, ann, 0), kind: "refused" },
  "thirty million clients": { update: () => bytesOf(30_000_000, 1, ann, 0), kind: "refused" },
  "thirty million values": { update: () => bytesOf(1, 1, ann, 0, any, ...root, 30_000_000, 0), kind: "refused" },
  "thirty million pieces of JSON": {
    update: () => bytesOf(1, 1, ann, 0, json, ...root, 30_000_000, 0),
    kind: "refused",
  },
  "thirty million deletions": { update: () => bytesOf(0, 1, victim, 30_000_000, 0, 1), kind: "refused" },
  "a hole": { update: () => bytesOf(1, 2, ann, 0, skip, 5, string, ...root, "x", noDeletes), kind: "refused" },
  "a clock that begins later": { update: () => bytesOf(1, 1, ann, 5, string, ...root, "x", noDeletes), kind: "ahead" },
  "more collected at once than anybody writes": {
    update: () => bytesOf(1, 1, ann, 0, gc, 65_537, noDeletes),
    kind: "refused",
  },
  "a clock past all numbers": {
    update: () => bytesOf(1, 1, ann, 2 ** 50, string, ...root, "x", noDeletes),
    kind: "refused",
  },
  "a neighbour that is not there": {
    update: () => bytesOf(1, 1, ann, 0, behind(string), victim, 99, "x", noDeletes),
    kind: "ahead",
  },
  "a right neighbour that is not there": {
    update: () => bytesOf(1, 1, ann, 0, before(string), 12_345, 0, "x", noDeletes),
    kind: "ahead",
  },
  "a parent that is not there": {
    update: () => bytesOf(1, 1, ann, 0, string, 0, victim, 77, "x", noDeletes),
    kind: "ahead",
  },
  "a struct that stands on itself": {
    update: () => bytesOf(1, 1, ann, 0, behind(string), ann, 0, "x", noDeletes),
    kind: "refused",
  },
  "two clients that wait for each other": {
    update: () => bytesOf(2, 1, ann, 0, behind(string), 8, 0, "x", 1, 8, 0, behind(string), ann, 0, "y", noDeletes),
    kind: "ahead",
  },
  "one client twice": {
    update: () => bytesOf(2, 1, ann, 0, string, ...root, "x", 1, ann, 0, string, ...root, "y", noDeletes),
    kind: "refused",
  },
  "a deletion of what is not there": { update: () => bytesOf(0, 1, victim, 1, 3, 1_000), kind: "ahead" },
  "a document inside of a document": {
    update: () => bytesOf(1, 1, ann, 0, subdocument, ...root, "guid", 118, 0, noDeletes),
    kind: "refused",
  },
  "a type of an unknown kind": {
    update: () => bytesOf(1, 1, ann, 0, type, ...root, 12, noDeletes),
    kind: "refused",
  },
  "content of an unknown kind": { update: () => bytesOf(1, 1, ann, 0, 30, ...root, noDeletes), kind: "refused" },
  "JSON that is none": { update: () => bytesOf(1, 1, ann, 0, embed, ...root, "{", noDeletes), kind: "refused" },
  "a format of JSON without end": {
    update: () => bytesOf(1, 1, ann, 0, format, ...root, "bold", "[".repeat(10_000) + "]".repeat(10_000), noDeletes),
    kind: "refused",
  },
  "values nested without end": {
    update: () => bytesOf(1, 1, ann, 0, any, ...root, 1, ...Array.from({ length: 50_000 }, () => [117, 1]).flat()),
    kind: "refused",
  },
  "text that is not UTF-8": {
    update: () => new Uint8Array([...bytesOf(1, 1, ann, 0, string, ...root), 2, 0xc3, 0x28, 0]),
    kind: "refused",
  },
  "text of no length": { update: () => bytesOf(1, 1, ann, 0, string, ...root, "", noDeletes), kind: "refused" },
  "a stretch of no length": { update: () => bytesOf(1, 1, ann, 0, deleted, ...root, 0, noDeletes), kind: "refused" },
  "something behind the end": { update: () => bytesOf(0, 0, 1), kind: "refused" },
  nothing: { update: () => new Uint8Array(0), kind: "refused" },
  "types in types without end": { update: () => nested(300), kind: "refused" },
  "thousands at one place": { update: () => siblings(2_100), kind: "refused" },
  "a key set thousands of times as if it were new": { update: () => thousands(0, firstOfKey), kind: "refused" },
  "thousands that begin one empty list": { update: () => thousands(0, [string, ...root, "x"]), kind: "refused" },
  "thousands behind one letter, each as if it were the last": {
    update: () => thousands(0, [behind(string), victim, 0, "x"]),
    kind: "refused",
  },
  "thousands before what a key was set to first": {
    update: () => {
      commit("ann", bytesOf(1, 1, ann, 0, ...firstOfKey, noDeletes));
      return thousands(1, [before(any), ann, 0, 1, 126]);
    },
    kind: "refused",
  },
  "the second version of the encoding": {
    update: () => Y.convertUpdateFormatV1ToV2(textOf(ann, "x".repeat(50))),
    kind: "refused",
  },
};

/** The same again and again, from a clock on. */
function thousands(clock: number, struct: readonly (number | string | Uint8Array)[]): Uint8Array {
  const count = 2_100;
  return bytesOf(1, count, ann, clock, ...Array.from({ length: count }, () => struct).flat(), noDeletes);
}

function nested(depth: number): Uint8Array {
  const levels = Array.from({ length: depth }, (_, level) =>
    level === 0 ? [type, ...root, 0] : [type, 0, ann, level - 1, 0],
  );
  return bytesOf(1, depth, ann, 0, ...levels.flat(), noDeletes);
}

/** Each wants to stand before another one, and all behind the same: Yjs compares each with all. */
function siblings(count: number): Uint8Array {
  const first = [string, ...root, "a"];
  const line = Array.from({ length: count }, (_, at) => [behind(string), ann, at, "b"]).flat();
  const crowd = Array.from({ length: count }, (_, at) => [between(string), ann, 0, ann, count - at, "c"]).flat();
  return bytesOf(1, 2 * count + 1, ann, 0, ...first, ...line, ...crowd, noDeletes);
}

/** What this thread has been at work, in milliseconds. */
function ownMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

describe("attacks", () => {
  for (const [name, { update, kind, code }] of Object.entries(attacks)) {
    test(`[DOC-5] [S52] ${name} is refused within 5 ms, and everybody else writes on`, () => {
      const bytes = update();
      const untouched = copy.encodeSince();
      // What is measured is the gate: not how it was compiled, nor what else the machine does.
      for (let n = 0; n < 5; n++) judge(bytes);
      const startedAtMs = ownMs();
      for (let n = 0; n < 10; n++) judge(bytes);
      expect((ownMs() - startedAtMs) / 10).toBeLessThan(5);
      const verdict = judge(bytes);
      expect(verdict).toMatchObject(code ? { kind, code } : { kind });
      expect(copy.encodeSince()).toEqual(untouched);
      commit(
        "vic",
        deltaOf(victim, (text) => text.insert(5, "!")),
      );
    });
  }

  test("[DOC-5] [S52] too many bytes are refused unread", () => {
    const update = new Uint8Array(maxBytes + 1);
    expect(judge(update)).toMatchObject({ kind: "refused", code: "too_large" });
  });
});

/** What somebody with everything the copy has would send. */
function deltaOf(clientID: number, change: (text: Y.Text, doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, copy.encodeSince());
  doc.clientID = clientID;
  let update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc));
  doc.on("update", (made: Uint8Array) => {
    update = Y.mergeUpdates([update, made]);
  });
  change(doc.getText("content"), doc);
  return update;
}

test("[DOC-6] what is known is a duplicate, what is new in part is taken, what deletes is new once", () => {
  const update = deltaOf(ann, (text) => text.insert(5, " world"));
  commit("ann", update);
  expect(judge(update)).toEqual({ kind: "duplicate" });
  const deleting = deltaOf(ann, (text) => text.delete(0, 5));
  expect(judge(deleting)).toEqual({ kind: "new", clients: [] });
  copy.apply(++position, { update: deleting, userId: "ann" });
  expect(judge(deleting)).toEqual({ kind: "duplicate" });
  expect(judge(bytesOf(0, 0))).toEqual({ kind: "duplicate" });
  const whole = deltaOf(ann, (text) => text.insert(0, "again"));
  const overlapping = Y.mergeUpdates([update, whole]);
  expect(judge(overlapping)).toEqual({ kind: "new", clients: [{ clientId: ann, known: 6, to: 11 }] });
});

const step = fc.record({
  kind: fc.constantFrom("insert", "insert", "delete", "format", "embed", "map", "array", "xml", "nest"),
  at: fc.nat(1_000),
  length: fc.integer({ min: 1, max: 30 }),
});
type Step = { kind: string; at: number; length: number };

function take(doc: Y.Doc, { kind, at, length }: Step): void {
  const text = doc.getText("content");
  const place = at % (text.length + 1);
  if (kind === "insert") text.insert(place, "aéb".repeat(length));
  if (kind === "delete") text.delete(place, Math.min(length, text.length - place));
  if (kind === "format")
    text.format(place, Math.min(length, text.length - place), { bold: at % 2 === 0 ? true : null });
  if (kind === "embed") text.insertEmbed(place, { image: `${at}`, size: [length, { x: null }] });
  if (kind === "map") doc.getMap("map").set(`k${at % 5}`, [at, "text", { a: undefined, b: at / 3, c: true }]);
  if (kind === "array") doc.getArray("array").insert(0, [at, null, new Uint8Array([1, 2, 3]), -at, 2 ** 40]);
  if (kind === "xml") {
    const element = new Y.XmlElement("p");
    element.insert(0, [new Y.XmlText("x".repeat(length))]);
    element.setAttribute("align", "left");
    doc.getXmlFragment("xml").insert(0, [element]);
  }
  if (kind === "nest") {
    const inner = new Y.Map();
    doc.getMap("map").set(`nested${at % 3}`, inner);
    inner.set("list", Y.Array.from([1, 2, at]));
  }
}

test("[DOC-5] whatever somebody does, at once or after a long time offline, passes the gate", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ editor: fc.nat(2), step, isOffline: fc.boolean() }), { maxLength: 60 }),
      (steps) => {
        const live = new LiveDocument("d", { position: 0, states: [], clients: [], snapshotBytes: 0 });
        let at = 0;
        const editors = [0, 1, 2].map((n) => {
          const doc = new Y.Doc();
          doc.clientID = 100 + n;
          return { userId: `u${n}`, doc, waiting: [] as Uint8Array[] };
        });
        for (const editor of editors)
          editor.doc.on("update", (update: Uint8Array, origin: unknown) => {
            if (origin !== "server") editor.waiting.push(update);
          });
        const send = (editor: (typeof editors)[number], updates: Uint8Array[]): void => {
          for (const update of updates) {
            const verdict = judgeUpdate({ update, userId: editor.userId, maxBytes }, live);
            expect(["new", "duplicate"]).toContain(verdict.kind);
            if (verdict.kind === "new") live.apply(++at, { update, userId: editor.userId });
          }
          Y.applyUpdate(editor.doc, live.encodeSince(Y.encodeStateVector(editor.doc)), "server");
        };
        for (const { editor: n, step: taken, isOffline } of steps) {
          const editor = editors[n];
          if (!editor) continue;
          take(editor.doc, taken);
          if (!isOffline) send(editor, editor.waiting.splice(0));
        }
        for (const editor of editors) {
          // One by one as they were made, or all at once as after a reload.
          editor.waiting.length = 0;
          send(editor, [Y.encodeStateAsUpdate(editor.doc, live.encodeStateVector())]);
        }
        for (const editor of editors) send(editor, []);
        const [first, ...others] = editors.map(({ doc }) => [
          doc.getText("content").toDelta(),
          doc.getMap("map").toJSON(),
        ]);
        for (const other of others) expect(other).toEqual(first);
      },
    ),
    { numRuns: Number(process.env.FUZZ_TRIES ?? 60) },
  );
});

test("[DOC-5] whatever passes the gate can be applied, whole, however its bytes were made", () => {
  const honest = [
    textOf(ann, "hello"),
    deltaOf(ann, (text, doc) => {
      for (const kind of ["insert", "format", "embed", "map", "array", "xml", "nest", "delete"])
        take(doc, { kind, at: 3, length: 4 });
      text.insert(0, "x");
    }),
    bytesOf(1, 2, ann, 0, behind(string), victim, 1, "ab", behind(deleted), ann, 1, 4, 1, victim, 1, 0, 2),
  ];
  const change = fc.record({ at: fc.nat(400), byte: fc.nat(255), kind: fc.constantFrom("set", "insert", "remove") });
  const mutated = fc
    .record({ base: fc.constantFrom(...honest), changes: fc.array(change, { minLength: 1, maxLength: 4 }) })
    .map(({ base, changes }) => {
      const bytes = [...base];
      for (const { at, byte, kind } of changes)
        bytes.splice(at % bytes.length, kind === "insert" ? 0 : 1, ...(kind === "remove" ? [] : [byte]));
      return new Uint8Array(bytes);
    });
  fc.assert(
    fc.property(mutated, (update) => {
      const live = new LiveDocument("d", {
        position: 0,
        states: [textOf(victim, "hello")],
        clients: [{ clientId: victim, userId: "vic" }],
        snapshotBytes: 0,
      });
      const verdict = judgeUpdate({ update, userId: "ann", maxBytes }, live);
      if (verdict.kind !== "new") return;
      // It throws where anything waits for something that is not there.
      live.apply(1, { update, userId: "ann" });
      for (const { clientId, to } of verdict.clients) expect(live.clockOf(clientId)).toBe(to);
      expect(judgeUpdate({ update, userId: "ann", maxBytes }, live)).toEqual({ kind: "duplicate" });
      Y.applyUpdate(new Y.Doc(), live.encodeSince());
    }),
    { numRuns: Number(process.env.FUZZ_TRIES ?? 3_000) },
  );
});
