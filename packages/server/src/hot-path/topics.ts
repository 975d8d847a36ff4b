import type { EventName, EventPayload } from "@mirage/protocol";
import type { EncodedPayload } from "./payload.ts";

/** A fan-out address: `room:<id>`, `user:<id>`, `doc:<id>`. A stream of the same name is the durable log behind it. */
export type Topic = `room:${string}` | `user:${string}` | `doc:${string}`;

export interface Relayed {
  payload: EncodedPayload;
  exceptConnectionId: string;
}

/** What is about now. `subject` names, within its topic, what a later one takes the place of. */
export interface Signal<Name extends EventName> {
  payload: EventPayload<Name>;
  subject: string;
  exceptUserId?: string;
  exceptConnectionId?: string;
}

/**
 * Where events leave for connections. Everything that goes to one connection leaves in the order of these calls,
 * answers included, and what gathers in one tick leaves in one write. All calls are synchronous and never throw for a
 * connection that has gone.
 */
export interface Topics {
  /** To every connection of the topic. */
  publish(topic: Topic, event: EventName, payload: EncodedPayload): void;
  /** Like `publish`, but not to one connection. */
  relay(topic: Topic, event: EventName, relayed: Relayed): void;
  /** Like `publish`, but a connection that is behind gets it when it has caught up, and of each subject only the newest. */
  signal<Name extends EventName>(topic: Topic, event: Name, signal: Signal<Name>): void;
  /** To one connection. */
  send<Name extends EventName>(connectionId: string, event: Name, payload: EventPayload<Name>): void;
  /** To several connections; encoded once. */
  sendAll<Name extends EventName>(connectionIds: Iterable<string>, event: Name, payload: EventPayload<Name>): void;
  attach(connectionId: string, topic: Topic): void;
  detach(connectionId: string, topic: Topic): void;
  isAttached(connectionId: string, topic: Topic): boolean;
  /** Detaches every connection of a user and returns their ids. */
  evict(topic: Topic, userId: string): string[];
  /** Ids of the connections attached to a topic. */
  listConnections(topic: Topic): Iterable<string>;
  connectionCount(topic: Topic): number;
}
