import { runAtOnce, type Steps } from "../../../lib/time-slices.ts";
import { BoundedReader, Malformed } from "./bounded-reader.ts";
import { Places } from "./places.ts";

/**
 * A Yjs update (V1) as a list of what it would do, read without Yjs: Yjs' own decoder believes what it is told, and some
 * bytes make it allocate without end, recurse without end, or throw half-way through.
 */
export interface UpdateOutline {
  sections: Section[];
  deletes: Stretch[];
}

/** What one client adds, one struct behind the other. */
export interface Section {
  client: number;
  from: number;
  /** The clock behind the last struct. */
  to: number;
  /** Where the first struct begins, in bytes. */
  start: number;
  structs: Struct[];
}

export interface Struct {
  clock: number;
  length: number;
  /** Where the next one begins, in bytes. */
  end: number;
  /** Only its length is left of it. */
  isGc: boolean;
  /** Something that other things can be in. */
  isType: boolean;
  /** The parent, and perhaps the key, where it stands beside nothing: it begins that. */
  begun: string | undefined;
  /** What must be there before it. */
  origin: Id | undefined;
  rightOrigin: Id | undefined;
  parent: Id | undefined;
}

export interface Id {
  client: number;
  clock: number;
}

/** Part of what one client made. */
export interface Stretch extends Id {
  length: number;
}

const maxSections = 64;
/** Each takes memory and time, here and in every editor: this many take about 30 MB here, and a second. */
const maxStructs = 250_000;
/** Structs that are read, judged or applied in one step. */
export const structsOfStep = 256;
/** Of the shortest there is: a kind and a length. */
const minStructBytes = 2;
const rootNameCharacters = 128;

const gc = 0;
const skip = 10;
const typeKind = 7;
const hasRightOrigin = 0x40;
const hasOrigin = 0x80;
const hasParentSub = 0x20;
/** Kinds of types that bring their name with them: elements and hooks. */
const namedTypes = new Set([3, 5]);
const typeCount = 7;

/** Read from the database: it has passed the gate before. */
const trusted = { maxSections: Number.POSITIVE_INFINITY, maxStructs: Number.POSITIVE_INFINITY };
const untrusted = { maxSections, maxStructs };

/** @throws Malformed where Yjs could not read it, or should not. */
export function readUpdate(bytes: Uint8Array): UpdateOutline {
  return runAtOnce(readingUpdate(bytes));
}

/** `readUpdate` in steps. */
export function* readingUpdate(bytes: Uint8Array, { isTrusted = false } = {}): Steps<UpdateOutline> {
  const bounds = isTrusted ? trusted : untrusted;
  const reader = new BoundedReader(bytes);
  const sections: Section[] = [];
  let structCount = 0;
  for (let left = reader.count(3); left > 0; left--) {
    if (sections.length === bounds.maxSections) throw new Malformed("too many clients in one update");
    const section = yield* readSection(reader, { maxCount: bounds.maxStructs - structCount, isTrusted });
    structCount += section.structs.length;
    sections.push(section);
  }
  // Of two sections of one client Yjs keeps the later and forgets the other.
  if (new Set(sections.map(({ client }) => client)).size < sections.length) throw new Malformed("a client twice");
  const deletes = readDeletes(reader);
  if (!reader.isAtEnd) throw new Malformed("something follows its end");
  return { sections, deletes };
}

function* readSection(
  reader: BoundedReader,
  { maxCount, isTrusted }: { maxCount: number; isTrusted: boolean },
): Steps<Section> {
  const structCount = reader.count(minStructBytes);
  if (structCount > maxCount) throw new Malformed("too many pieces in one update; send them in several", "too_large");
  const client = readClient(reader);
  const from = reader.number();
  const start = reader.at;
  const structs: Struct[] = [];
  const places = isTrusted ? undefined : new Places(client);
  let to = from;
  for (let left = structCount; left > 0; left--) {
    const struct = readStruct(reader, to);
    if (struct.length < 1) throw new Malformed("a struct of no length");
    if (places?.isTaken(struct)) throw new Malformed("two things at exactly one place");
    structs.push(struct);
    to += struct.length;
    if (structs.length % structsOfStep === 0) yield;
  }
  return { client, from, to, start, structs };
}

function readStruct(reader: BoundedReader, clock: number): Struct {
  const info = reader.byte();
  const kind = info & 0x1f;
  if (kind === gc) {
    const length = reader.number();
    const nothing = { begun: undefined, origin: undefined, rightOrigin: undefined, parent: undefined };
    return { clock, length, end: reader.at, isGc: true, isType: false, ...nothing };
  }
  if (kind === skip) throw new Malformed("a hole");
  const origin = (info & hasOrigin) === 0 ? undefined : readId(reader);
  const rightOrigin = (info & hasRightOrigin) === 0 ? undefined : readId(reader);
  const hasNeighbour = origin !== undefined || rightOrigin !== undefined;
  const { parent, begun } = hasNeighbour ? beside : readParent(reader, (info & hasParentSub) !== 0);
  const length = readContent(reader, kind);
  return { clock, length, end: reader.at, isGc: false, isType: kind === typeKind, begun, origin, rightOrigin, parent };
}

type Parent = Pick<Struct, "parent" | "begun">;

/** It is in what its neighbour is in. */
const beside: Parent = { parent: undefined, begun: undefined };

/** The item that it is in; no parent where it is in a root, which has a name. */
function readParent(reader: BoundedReader, hasKey: boolean): Parent {
  const isRoot = reader.number() === 1;
  const root = isRoot ? reader.text() : "";
  if (root.length > rootNameCharacters) throw new Malformed("a root with too long a name");
  const parent = isRoot ? undefined : readId(reader);
  // No two are told the same way, whatever they are called.
  const place = parent ? `in ${parent.client}.${parent.clock}` : `root ${root.length} ${root}`;
  return { parent, begun: hasKey ? `${place} key ${reader.text()}` : place };
}

/** How many clocks it takes. */
function readContent(reader: BoundedReader, kind: number): number {
  switch (kind) {
    case 1: // deleted
      return reader.number();
    case 2: // JSON values
      return readMany(reader, () => reader.json());
    case 3: // bytes
      reader.skip(reader.number());
      return 1;
    case 4: // text, whose length Yjs counts in UTF-16 units
      return reader.textLength();
    case 5: // an embedded value
      reader.json();
      return 1;
    case 6: // the beginning or end of a format
      reader.text();
      reader.json();
      return 1;
    case typeKind:
      readType(reader);
      return 1;
    case 8: // values
      return readMany(reader, () => reader.value());
    default:
      throw new Malformed(kind === 9 ? "a document inside of a document" : "content of an unknown kind");
  }
}

function readType(reader: BoundedReader): void {
  const type = reader.number();
  if (type >= typeCount) throw new Malformed("a type of an unknown kind");
  if (namedTypes.has(type)) reader.text();
}

function readMany(reader: BoundedReader, read: () => void): number {
  const count = reader.count(1);
  for (let left = count; left > 0; left--) read();
  return count;
}

function readDeletes(reader: BoundedReader): Stretch[] {
  const deletes: Stretch[] = [];
  for (let clients = reader.count(2); clients > 0; clients--) {
    const client = readClient(reader);
    for (let left = reader.count(2); left > 0; left--) {
      const stretch = { client, clock: reader.number(), length: reader.number() };
      if (stretch.length < 1) throw new Malformed("a deletion of nothing");
      deletes.push(stretch);
    }
  }
  return deletes;
}

function readId(reader: BoundedReader): Id {
  return { client: readClient(reader), clock: reader.number() };
}

/** Yjs draws 32 bits. */
function readClient(reader: BoundedReader): number {
  const client = reader.number();
  if (client > 0xffff_ffff) throw new Malformed("a client id of more than 32 bits");
  return client;
}

/** Whether bytes are what `Y.encodeStateVector` writes. */
export function isStateVector(bytes: Uint8Array): boolean {
  try {
    const reader = new BoundedReader(bytes);
    for (let left = reader.count(2); left > 0; left--) readId(reader);
    return reader.isAtEnd;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}
