import type { EventName, EventPayload, events } from "@mirage/protocol";
import type { Topic } from "./topics.ts";

type StoredEventName = {
  [Name in EventName]: (typeof events)[Name] extends { kind: string } ? Name : never;
}[EventName];

/** An event with its payload, as one of a union, so that the two always fit. */
export type StoredEvent = { [Name in StoredEventName]: { event: Name; payload: EventPayload<Name> } }[StoredEventName];

/** One entity's new state in one commit, at its position in a stream. */
export type Change = StoredEvent & {
  stream: Topic;
  position: number;
  /** What changed: of two changes of one entity in a ring only the later is kept. */
  entity: string;
  /** People whose right to this stream this change took away; of a document, whose role it changed. */
  evicts?: string[];
  /** The connection that it came from, where that one has it already and is not told. */
  sentBy?: string;
};

/** What a stream's source answers: its head and the state of everything above a position, in one snapshot. */
export interface StreamRead {
  head: number;
  /** In order of position; a change that was overtaken is not among them. */
  changes: Change[];
  /** There were more than the limit: nothing may be concluded from `changes`. */
  isTooMany: boolean;
}

/** Reads what a stream's features store. */
export interface StreamSource {
  readSince(stream: Topic, since: number): Promise<StreamRead>;
  /** Heads of those of these streams that exist. */
  readHeads(streams: readonly Topic[]): Promise<Map<Topic, number>>;
}
