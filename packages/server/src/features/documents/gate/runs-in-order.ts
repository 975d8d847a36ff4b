import { type Id, type Section, type Struct, structsOfStep } from "./read-update.ts";

/** Structs of one section, by their index in it: from one to the one behind the last. */
export interface Run {
  section: Section;
  from: number;
  to: number;
}

interface Progress {
  section: Section;
  next: number;
  /** The clock behind what this client has by now. */
  reached: number;
}

/**
 * The structs of an update in an order in which each finds what it depends on, here or before it. Where none can go on any
 * more, something is missing, and the rest is left out.
 */
export function* runsInOrder(
  sections: readonly Section[],
  knownClockOf: (client: number) => number,
): Generator<Run, void, void> {
  const progress = new Map<number, Progress>();
  for (const section of sections) {
    const { client, from } = section;
    progress.set(client, { section, next: 0, reached: Math.max(from, knownClockOf(client)) });
  }
  const isMissing = (id: Id | undefined): boolean =>
    id !== undefined && id.clock >= (progress.get(id.client)?.reached ?? knownClockOf(id.client));
  /** By the client that they wait for. */
  const waiting = new Map<number, Progress[]>();
  const ready = [...progress.values()];
  for (let one = ready.pop(); one; one = ready.pop()) {
    const { section, next: from } = one;
    const missing = advance(one, isMissing);
    if (one.next > from) {
      yield { section, from, to: one.next };
      for (const other of waiting.get(section.client) ?? []) ready.push(other);
      waiting.delete(section.client);
    }
    const others = missing && waiting.get(missing.client);
    if (others) others.push(one);
    else if (missing) waiting.set(missing.client, [one]);
    else if (one.next < section.structs.length) ready.push(one);
  }
}

/** Goes on until the end, or until something is missing, which it answers; at most for one step. */
function advance(one: Progress, isMissing: (id: Id | undefined) => boolean): Id | undefined {
  const { structs } = one.section;
  const end = Math.min(structs.length, one.next + structsOfStep);
  for (; one.next < end; one.next++) {
    const struct = structs[one.next] as Struct;
    const { origin, rightOrigin, parent } = struct;
    if (isMissing(origin)) return origin;
    if (isMissing(rightOrigin)) return rightOrigin;
    if (isMissing(parent)) return parent;
    one.reached = Math.max(one.reached, struct.clock + struct.length);
  }
  return undefined;
}
