import { limits } from "@mirage/protocol";
import type { DocumentGuard } from "./access/document-access.ts";
import type { DocumentTelling } from "./access/document-telling.ts";
import type { PresenceView } from "./access/presence-view.ts";
import type { RoomGuard } from "./access/room-access.ts";
import type { Session } from "./access/session.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { Activity } from "./features/documents/activity.ts";
import { AutomaticVersions } from "./features/documents/automatic-versions.ts";
import { Background } from "./features/documents/background/background.ts";
import { Compaction } from "./features/documents/compaction.ts";
import { ContentStore } from "./features/documents/content.store.ts";
import { Cursors } from "./features/documents/cursors.ts";
import { createDescribe } from "./features/documents/describe.ts";
import { createDocumentHandlers } from "./features/documents/documents.handlers.ts";
import { DocumentStore } from "./features/documents/documents.store.ts";
import { Documents } from "./features/documents/documents.ts";
import { createDocumentMetrics } from "./features/documents/documents-metrics.ts";
import { EditRate } from "./features/documents/edit-rate.ts";
import { Editing } from "./features/documents/editing.ts";
import { Joining } from "./features/documents/joining.ts";
import { DocumentWriter } from "./features/documents/lane/document-writer.ts";
import { LiveDocuments } from "./features/documents/live-documents.ts";
import { RightsWatch } from "./features/documents/rights-watch.ts";
import { VersionStore } from "./features/documents/versions.store.ts";
import { Versions } from "./features/documents/versions.ts";
import { Visitors } from "./features/documents/visitors.ts";
import type { Change } from "./hot-path/change.ts";
import { GroupCommit } from "./hot-path/group-commit.ts";
import type { HotPath } from "./hot-path/hot-path.ts";
import type { Topic, Topics } from "./hot-path/topics.ts";
import { createIdSource } from "./lib/ids.ts";
import type { Metrics } from "./lib/metrics.ts";
import { TimeSlices } from "./lib/time-slices.ts";
import type { Clock } from "./ports/clock.ts";

/**
 * Many who edit type a little all the time: what comes within this goes out in one commit and, to each of the others, in
 * one write. An edit that comes alone does not wait. With 20 editors (`npm run bench -- T12`) it took a third of the server's
 * CPU away and half of Postgres's, for an echo after 22 ms instead of 5.
 */
const lanePaceMs = 25;

export interface DocumentsWorld {
  database: Database;
  hotPath: HotPath;
  topics: Topics;
  rooms: RoomGuard;
  documentGuard: DocumentGuard;
  telling: DocumentTelling;
  clock: Clock;
  metrics: Metrics;
  settings: Pick<Settings, "eventsPerSecond">;
  nodeId: string;
  epoch: string;
  presence: PresenceView;
  onCommitted: (changes: readonly Change[]) => void;
  /** Something was stored that is due to people who are away. */
  onDue: () => void;
  /** Somebody has opened a document. */
  onJoined: (session: Session, documentId: string) => void;
  /** This client id is about to bring back what was in a document before. */
  onRestoring: (clientId: number) => void;
  onFault: (error: unknown) => void;
}

/** Documents: what is stored of them, what this node has in memory, who is in them, and their handlers. */
export function composeDocuments(world: DocumentsWorld) {
  const { database, clock } = world;
  const visitors = new Visitors();
  const storage = composeStorage(world, visitors);
  const { live, compaction, background } = storage;
  const rate = composeRate(world);
  const keep: Versions["keepChanged"] = (changed) => versions.keepChanged(changed);
  const automatic = new AutomaticVersions({ clock, keep, onFault: world.onFault });
  const visits = composeVisits(world, visitors, { ...storage, rate, automatic });
  const { joining, editing, watch, cursors, activity } = visits;
  const createId = createIdSource(() => clock.now());
  const shared = { ...world, ...storage, ...visits, documents: live, createId };
  const versions = new Versions({ ...shared, store: new VersionStore(database) });
  const documents = new Documents({
    ...shared,
    rooms: world.rooms,
    store: new DocumentStore(database),
    onDeleted: (documentId) => live.drop(documentId),
  });
  return {
    documents,
    live,
    editing,
    slices: storage.slices,
    handlers: createDocumentHandlers({ documents, joining, versions }),
    disconnected: (session: Session) => joining.disconnect(session),
    /** Somebody wants to be seen no more. */
    hide: (userId: string) => cursors.hide(userId),
    /** Rights first: whoever has lost theirs is out before anything more is sent. */
    followRights: (change: Change) => watch.follow(change),
    /** A change of a document is about to be told: the copy has it first. */
    deliver(change: Change): void {
      live.deliver(change);
      if (change.event === "document_updated") activity.mark(change.payload.document);
    },
    /** Listeners of a stream could not be followed: what is in memory cannot be trusted either. */
    cut(stream: Topic): void {
      if (stream.startsWith("doc:")) live.drop(stream.slice("doc:".length));
    },
    /** An update of up to 8 MiB, from somebody who need not have the document open. @throws Refusal */
    async addUpdate(session: Session, { documentId, update }: { documentId: string; update: Uint8Array }) {
      rate.spendOfPerson(session.userId, update.length);
      const edit = { documentId, update, maxBytes: limits.restUpdateBytes };
      return await editing.inOrder(session, documentId, () => editing.commit(session, edit));
    },
    async close(): Promise<void> {
      await storage.lane.close();
      await storage.writer.close();
      for (const part of [automatic, watch, cursors, activity, live]) part.close();
      const compacting = compaction.close();
      await background.close();
      await compacting;
    },
  };
}

/** Where documents are: in the database, and in memory while somebody has them open. */
function composeStorage(world: DocumentsWorld, visitors: Visitors) {
  const { database, clock, onFault } = world;
  const { hubs } = world.hotPath;
  const content = new ContentStore({ database, onFault });
  const metrics = createDocumentMetrics(world.metrics);
  const background = new Background(clock);
  const slices = new TimeSlices(clock);
  const live: LiveDocuments = new LiveDocuments({
    content,
    hubs,
    clock,
    slices,
    isOpen: (documentId) => visitors.isOpen(documentId),
    onUnloaded: (documentId) => compaction.request(documentId),
    onLooked: metrics.loaded,
    onFault,
  });
  const onCompacted = metrics.compacted;
  const compaction = new Compaction({ content, documents: live, background, clock, onCompacted, onFault });
  const writer = new DocumentWriter({ ...world, hubs });
  const lane = new GroupCommit(writer, { clock, onFault, paceMs: lanePaceMs });
  return { metrics, content, background, slices, live, compaction, writer, lane };
}

/** How much may come; `EVENT_RATE_LIMIT=0` switches it off with the other limits. */
function composeRate({ clock, settings, metrics }: DocumentsWorld): EditRate {
  const onLimited = (): void => metrics.rateLimited.inc({ limit: "edit_bytes" });
  return new EditRate({ clock, isOn: settings.eventsPerSecond > 0, onLimited });
}

/** Who is in which document, and what they do there. */
function composeVisits(
  world: DocumentsWorld,
  visitors: Visitors,
  storage: ReturnType<typeof composeStorage> & { rate: EditRate; automatic: AutomaticVersions },
) {
  const { database, topics, clock, epoch, presence, onJoined, onFault } = world;
  const isRateLimited = world.settings.eventsPerSecond > 0;
  const { live, compaction, lane, content, slices, metrics, rate, automatic } = storage;
  const isHidden = (userId: string): boolean => presence.isInvisible(userId);
  const guard = world.documentGuard;
  const activity = new Activity({
    clock,
    editorsOf: (documentId) => visitors.editorsOf(documentId, isHidden),
    emit: (told) =>
      topics.signal(`room:${told.roomId}`, "document_activity", {
        payload: told,
        subject: `document ${told.documentId}`,
      }),
  });
  const cursors = new Cursors({ clock, isHidden, relay: createCursorRelay(topics) });
  const watch: RightsWatch = new RightsWatch({
    guard,
    visitors,
    clock,
    hasOtherNodes: database.kind === "postgres",
    close: (visitor) => joining.close(visitor),
    tell: ({ session, documentId }, code) =>
      topics.send(session.connectionId, "document_evicted", { documentId, code }),
    onFault,
  });
  const editing = new Editing({
    guard,
    documents: live,
    lane,
    clock,
    slices,
    metrics,
    onEdited: ({ userId, username }, { document }) => {
      activity.edited(document, { userId, username });
      automatic.edited({ documentId: document.id, userId });
      compaction.check(document.id);
    },
    onFull: (documentId) => compaction.makeRoom(documentId),
  });
  const describe = createDescribe({ epoch, visitors, isHidden });
  const shared = {
    topics,
    clock,
    epoch,
    guard,
    content,
    editing,
    rate,
    isRateLimited,
    visitors,
    cursors,
    activity,
    watch,
    describe,
    onJoined,
  };
  const joining: Joining = new Joining({ ...shared, documents: live });
  return { ...shared, joining };
}

function createCursorRelay(topics: Topics): ConstructorParameters<typeof Cursors>[0]["relay"] {
  return (cursor, exceptConnectionId) =>
    topics.signal(`doc:${cursor.documentId}`, "cursor_update", {
      payload: cursor,
      subject: `cursor ${cursor.clientId}`,
      exceptConnectionId,
    });
}
