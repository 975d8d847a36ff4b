import type { EventName, EventPayload } from "@mirage/protocol";
import type { EncodedPayload } from "../hot-path/payload.ts";
import type { Relayed, Signal, Topic, Topics } from "../hot-path/topics.ts";
import type { Connection } from "./connection.ts";
import { encodeEvent, eventFrame, type Frame } from "./frame.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";

/**
 * Who listens to what. Made before the gateway, because the features publish through it and the gateway serves the
 * features; connections come and go through `add` and `remove`.
 */
export class TopicRegistry implements Topics {
  readonly #metrics: Pick<GatewayMetrics, "delivered" | "volatileDropped">;
  readonly #connections = new Map<string, Connection>();
  readonly #users = new Map<string, Set<Connection>>();
  readonly #topics = new Map<Topic, Set<Connection>>();

  constructor(metrics: Pick<GatewayMetrics, "delivered" | "volatileDropped">) {
    this.#metrics = metrics;
  }

  publish(topic: Topic, event: string, payload: EncodedPayload): void {
    const listeners = this.#topics.get(topic);
    if (listeners === undefined) return;
    const frame = eventFrame(event, payload);
    for (const connection of listeners) connection.outlet.send(frame);
    this.#metrics.delivered(listeners.size);
  }

  relay(topic: Topic, event: EventName, { payload, exceptConnectionId }: Relayed): void {
    const listeners = this.#topics.get(topic);
    if (listeners === undefined) return;
    const frame = eventFrame(event, payload);
    let delivered = 0;
    for (const connection of listeners) {
      if (connection.id === exceptConnectionId) continue;
      connection.outlet.send(frame);
      delivered++;
    }
    this.#metrics.delivered(delivered);
  }

  /** An event of the host's own. */
  broadcast(topic: Topic, event: string, data: unknown): void {
    // What JSON has no word for is told as nothing.
    this.publish(topic, event, JSON.stringify(data) ?? "null");
  }

  signal<Name extends EventName>(topic: Topic, event: Name, { payload, subject, ...except }: Signal<Name>): void {
    const listeners = this.#topics.get(topic);
    if (listeners === undefined) return;
    let frame: Frame | undefined;
    let delivered = 0;
    let dropped = 0;
    for (const connection of listeners) {
      if (connection.userId === except.exceptUserId || connection.id === except.exceptConnectionId) continue;
      frame ??= encodeEvent(event, payload);
      dropped += connection.outlet.signal(frame, { topic, subject });
      delivered++;
    }
    if (delivered > 0) this.#metrics.delivered(delivered);
    if (dropped > 0) this.#metrics.volatileDropped(dropped);
  }

  send<Name extends EventName>(connectionId: string, event: Name, payload: EventPayload<Name>): void {
    this.#connections.get(connectionId)?.outlet.send(encodeEvent(event, payload));
  }

  sendAll<Name extends EventName>(connectionIds: Iterable<string>, event: Name, payload: EventPayload<Name>): void {
    let frame: Frame | undefined;
    let delivered = 0;
    for (const connectionId of connectionIds) {
      const connection = this.#connections.get(connectionId);
      if (connection === undefined) continue;
      frame ??= encodeEvent(event, payload);
      connection.outlet.send(frame);
      delivered++;
    }
    if (delivered > 0) this.#metrics.delivered(delivered);
  }

  attach(connectionId: string, topic: Topic): void {
    const connection = this.#connections.get(connectionId);
    if (connection === undefined) return;
    addTo(this.#topics, topic, connection);
    connection.topics.add(topic);
  }

  detach(connectionId: string, topic: Topic): void {
    const connection = this.#connections.get(connectionId);
    if (connection !== undefined) this.#detach(connection, topic);
  }

  isAttached(connectionId: string, topic: Topic): boolean {
    return this.#connections.get(connectionId)?.topics.has(topic) ?? false;
  }

  evict(topic: Topic, userId: string): string[] {
    const evicted = [...(this.#users.get(userId) ?? [])].filter((connection) => connection.topics.has(topic));
    for (const connection of evicted) this.#detach(connection, topic);
    return evicted.map((connection) => connection.id);
  }

  *listConnections(topic: Topic): Iterable<string> {
    for (const connection of this.#topics.get(topic) ?? []) yield connection.id;
  }

  connectionCount(topic: Topic): number {
    return this.#topics.get(topic)?.size ?? 0;
  }

  add(connection: Connection): void {
    this.#connections.set(connection.id, connection);
    addTo(this.#users, connection.userId, connection);
  }

  /** Takes a connection out of everything. */
  remove(connection: Connection): void {
    for (const topic of connection.topics) this.#detach(connection, topic);
    this.#connections.delete(connection.id);
    removeFrom(this.#users, connection.userId, connection);
  }

  /** Every connection, those in the middle of their handshake included. */
  connections(): Iterable<Connection> {
    return this.#connections.values();
  }

  get size(): number {
    return this.#connections.size;
  }

  users(): ReadonlyMap<string, ReadonlySet<Connection>> {
    return this.#users;
  }

  find(connectionId: string): Connection | undefined {
    return this.#connections.get(connectionId);
  }

  #detach(connection: Connection, topic: Topic): void {
    removeFrom(this.#topics, topic, connection);
    connection.topics.delete(topic);
    connection.outlet.forget(topic);
  }
}

function addTo<Key>(sets: Map<Key, Set<Connection>>, key: Key, connection: Connection): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([connection]));
  else set.add(connection);
}

function removeFrom<Key>(sets: Map<Key, Set<Connection>>, key: Key, connection: Connection): void {
  const set = sets.get(key);
  if (set === undefined) return;
  set.delete(connection);
  if (set.size === 0) sets.delete(key);
}
