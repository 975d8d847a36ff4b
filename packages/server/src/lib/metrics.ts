import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** From half a millisecond to ten seconds. */
const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const byteBuckets = [0, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const batchBuckets = [1, 2, 5, 10, 25, 50, 100, 200, 300];

export type Metrics = ReturnType<typeof createMetrics>;

/** Everything that is counted, by the names operators see. No label ever holds a user, a room or text from outside. */
export function createMetrics(options: { version: string; collectProcess?: boolean }) {
  const registry = new Registry();
  const registers = [registry];
  if (options.collectProcess ?? true) collectDefaultMetrics({ register: registry });

  const counter = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name: `mirage_${name}`, help, labelNames, registers });
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name: `mirage_${name}`, help, labelNames, registers });
  const histogram = <Label extends string = never>(name: string, help: string, shape: Shape<Label>) =>
    new Histogram<Label>({ name: `mirage_${name}`, help, registers, labelNames: [], ...shape });
  const seconds = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    histogram(name, help, { buckets: secondsBuckets, labelNames });

  gauge("build_info", "Version of this build", ["version"]).set({ version: options.version }, 1);

  return {
    registry,
    connections: gauge("connections", "Open connections"),
    users: gauge("users", "People with at least one open connection"),
    connectionsAccepted: counter("connections_accepted_total", "Accepted connections", ["transport"]),
    disconnects: counter("disconnects_total", "Closed connections by reason", ["code"]),
    handshakeSeconds: seconds("handshake_seconds", "From handshake to acceptance or refusal"),
    eventsReceived: counter("events_received_total", "Commands received", ["event"]),
    eventsRejected: counter("events_rejected_total", "Commands refused", ["event", "code"]),
    eventDurationSeconds: seconds("event_duration_seconds", "From receipt of a command to its answer", ["event"]),
    rejected: counter("rejected_total", "Input refused before it became a command", ["reason"]),
    commitSeconds: seconds("message_commit_seconds", "One batch in the database"),
    ackSeconds: seconds("message_ack_seconds", "From receipt of a message to its acknowledgement"),
    deliverySeconds: seconds("message_delivery_seconds", "From commit to the write to connections", ["path"]),
    deliveries: counter("deliveries_total", "Events handed to connections"),
    resumes: counter("resume_total", "Resumed rooms by result", ["result"]),
    resumeEvents: histogram("resume_events", "Changes in one resumed room", {
      buckets: [0, 1, 5, 25, 100, 500, 1_000],
    }),
    gapsDetected: counter("gap_detected_total", "Missing positions that were noticed", ["side"]),
    gapRepairSeconds: seconds("gap_repair_seconds", "From noticing a gap to closing it"),
    duplicateNonces: counter("duplicate_nonce_total", "Repeated sends answered with the original"),
    outboundQueueBytes: histogram("outbound_queue_bytes", "Unsent bytes of a connection that has any, once a second", {
      buckets: byteBuckets,
    }),
    slowConsumerDisconnects: counter("slow_consumer_disconnects_total", "Connections cut because they did not read"),
    volatileDropped: counter("volatile_dropped_total", "Signals dropped for connections that were behind"),
    presencePeople: gauge("presence_people", "People who are known to be here, on this node or another"),
    presenceEvents: counter("presence_events_total", "Events about people handed to connections", ["event"]),
    presenceWrites: counter("presence_writes_total", "Statements that stored who came, went and chose"),
    awayDeliveries: counter("away_deliveries_total", "What became of pushes and mails that were due", [
      "channel",
      "outcome",
    ]),
    awayDeliveryLag: gauge("away_delivery_lag_seconds", "How long the oldest that is due has waited", ["channel"]),
    filesRemoved: counter(
      "files_removed_total",
      "Files that were removed with their bytes, because nobody needed them",
    ),
    documentsOpen: gauge("documents_open", "Documents that somebody on this node has open"),
    documentsLoaded: gauge("documents_loaded", "Documents in memory, those that nobody has open any more included"),
    documentsLoadedBytes: gauge("documents_loaded_bytes", "About how large their contents are together"),
    documentUpdates: counter("document_updates_total", "Edits that were taken, by what became of them", ["outcome"]),
    documentUpdatesRefused: counter("document_updates_refused_total", "Edits that were not taken", ["code"]),
    documentCompactions: counter("document_compactions_total", "Documents that were compacted", ["outcome"]),
    batchSize: histogram("batch_size", "Items of one commit", { buckets: batchBuckets }),
    rateLimited: counter("rate_limited_total", "Refusals by limit", ["limit"]),
    databaseReads: counter("db_reads_total", "Queries for opening and resuming, by what they read", ["kind"]),
    databaseReadItems: counter("db_read_items_total", "Rooms or people those queries were for", ["kind"]),
    databaseErrors: counter("db_errors_total", "Failed statements", ["code"]),
  };
}

/** What opening and resuming read: the first two are messages of rooms, the others what belongs to people. */
export type ReadKind =
  | "room_page"
  | "room_changes"
  | "room_access"
  | "document_access"
  | "user_head"
  | "user_state"
  | "user_presence";
export type CountRead = (kind: ReadKind, itemCount: number) => void;

export function createReadCounter(metrics: Metrics): CountRead {
  return (kind, itemCount) => {
    metrics.databaseReads.inc({ kind });
    metrics.databaseReadItems.inc({ kind }, itemCount);
  };
}

interface Shape<Label extends string> {
  buckets: number[];
  labelNames?: readonly Label[];
}
