import { Malformed } from "./bounded-reader.ts";
import { type Stretch, structsOfStep, type UpdateOutline } from "./read-update.ts";
import { type Run, runsInOrder } from "./runs-in-order.ts";

/** Units that are deleted in one step. */
const unitsOfStep = 4_096;

/** About how many structs are looked at when it is applied. */
export function weightOf({ sections, deletes }: UpdateOutline): number {
  const structs = sections.reduce((sum, section) => sum + section.structs.length, 0);
  // What a deleted stretch consists of is not known: at worst of single units.
  return structs + deletes.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Cuts an update into smaller ones that Yjs can apply one after the other, each without waiting for the next; together they
 * do what it does. `knownClockOf` is asked while they are applied. @throws Malformed where something is missing
 */
export function* cutUpdate(
  bytes: Uint8Array,
  { sections, deletes }: UpdateOutline,
  knownClockOf: (client: number) => number,
): Generator<Uint8Array, void, void> {
  let runs = new Map<number, Run>();
  let structCount = 0;
  let missing = sections.reduce((sum, { structs }) => sum + structs.length, 0);
  for (const run of runsInOrder(sections, knownClockOf)) {
    const { client } = run.section;
    // What follows itself is one run: a client has one section in an update.
    runs.set(client, { ...run, from: runs.get(client)?.from ?? run.from });
    structCount += run.to - run.from;
    missing -= run.to - run.from;
    if (structCount < structsOfStep) continue;
    yield encodeRuns(bytes, [...runs.values()]);
    runs = new Map();
    structCount = 0;
  }
  if (runs.size > 0) yield encodeRuns(bytes, [...runs.values()]);
  if (missing > 0) throw new Malformed("it depends on what is not there");
  for (const stretches of cutDeletes(deletes)) yield encodeDeletes(stretches);
}

/** From the end: what is in something comes after it, and deleting that first would take it all along at once. */
function* cutDeletes(deletes: readonly Stretch[]): Generator<Stretch[], void, void> {
  let stretches: Stretch[] = [];
  let units = 0;
  for (const { client, clock, length } of deletes.toReversed()) {
    for (let end = clock + length; end > clock; ) {
      const start = Math.max(clock, end - (unitsOfStep - units));
      stretches.push({ client, clock: start, length: end - start });
      units += end - start;
      end = start;
      if (units < unitsOfStep && stretches.length < structsOfStep) continue;
      yield stretches;
      stretches = [];
      units = 0;
    }
  }
  if (stretches.length > 0) yield stretches;
}

function encodeRuns(bytes: Uint8Array, runs: readonly Run[]): Uint8Array {
  const parts: Uint8Array[] = [encodeNumbers(runs.length)];
  for (const { section, from, to } of runs) {
    const { structs, start } = section;
    parts.push(encodeNumbers(to - from, section.client, structs[from]?.clock ?? 0));
    parts.push(bytes.subarray(from === 0 ? start : structs[from - 1]?.end, structs[to - 1]?.end));
  }
  return Buffer.concat([...parts, encodeNumbers(0)]);
}

function encodeDeletes(stretches: readonly Stretch[]): Uint8Array {
  const ofClients = Map.groupBy(stretches, ({ client }) => client);
  const parts = [...ofClients].map(([client, some]) =>
    encodeNumbers(client, some.length, ...some.flatMap(({ clock, length }) => [clock, length])),
  );
  return Buffer.concat([encodeNumbers(0, ofClients.size), ...parts]);
}

/** What `Y.encodeStateVector` writes for clients and the clocks behind what they have. */
export function encodeClocks(clocks: readonly (readonly [client: number, clock: number])[]): Uint8Array {
  return encodeNumbers(clocks.length, ...clocks.flat());
}

/** Unsigned numbers, seven bits in each byte. */
function encodeNumbers(...numbers: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const number of numbers) {
    let left = number;
    for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
    bytes.push(left);
  }
  return Uint8Array.from(bytes);
}
