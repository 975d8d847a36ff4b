import type { Metrics } from "../lib/metrics.ts";

/** What the gateway counts. Labels come from closed sets: never a user, a room or anything a client chose. */
export interface GatewayMetrics {
  /** `mirage_connections_accepted_total{transport}` and `mirage_handshake_seconds`. */
  connectionAccepted(transport: string, handshakeSeconds: number): void;
  /** `mirage_disconnects_total{code}`. */
  connectionClosed(code: string): void;
  /** `mirage_rejected_total{reason}`: turned away before there was a session. */
  handshakeRejected(reason: string): void;
  /** `mirage_events_received_total{event}`; `unknown` for a name that is no command. */
  eventReceived(event: string): void;
  /** `mirage_events_rejected_total{event,code}`. */
  eventRejected(event: string, code: string): void;
  /** `mirage_event_duration_seconds{event}`, and `mirage_message_ack_seconds` of messages. */
  eventAnswered(event: string, seconds: number): void;
  /** `mirage_rate_limited_total{limit}`. */
  rateLimited(limit: string): void;
  /** `mirage_deliveries_total`: events handed to connections. */
  delivered(count: number): void;
  /** `mirage_volatile_dropped_total`. */
  volatileDropped(count: number): void;
  /** `mirage_slow_consumer_disconnects_total`. */
  slowConsumerCut(): void;
  /** `mirage_outbound_queue_bytes`, of a connection that has any; once a second. */
  outboundQueue(bytes: number): void;
  /** `mirage_connections`, `mirage_users`; once a second. */
  present(connections: number, users: number): void;
}

/** Counts into the process's registry. */
export function createGatewayMetrics(metrics: Metrics): GatewayMetrics {
  return {
    connectionAccepted(transport, handshakeSeconds) {
      metrics.connectionsAccepted.inc({ transport });
      metrics.handshakeSeconds.observe(handshakeSeconds);
    },
    connectionClosed: (code) => metrics.disconnects.inc({ code }),
    handshakeRejected: (reason) => metrics.rejected.inc({ reason }),
    eventReceived: (event) => metrics.eventsReceived.inc({ event }),
    eventRejected: (event, code) => metrics.eventsRejected.inc({ event, code }),
    eventAnswered(event, seconds) {
      metrics.eventDurationSeconds.observe({ event }, seconds);
      if (event === "chat_message") metrics.ackSeconds.observe(seconds);
    },
    rateLimited: (limit) => metrics.rateLimited.inc({ limit }),
    delivered: (count) => metrics.deliveries.inc(count),
    volatileDropped: (count) => metrics.volatileDropped.inc(count),
    slowConsumerCut: () => metrics.slowConsumerDisconnects.inc(),
    outboundQueue: (bytes) => metrics.outboundQueueBytes.observe(bytes),
    present(connections, users) {
      metrics.connections.set(connections);
      metrics.users.set(users);
    },
  };
}
