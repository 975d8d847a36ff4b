import type { DocumentGuard } from "./access/document-access.ts";
import { DocumentReaders } from "./access/document-readers.ts";
import type { DocumentTelling } from "./access/document-telling.ts";
import type { RoomGuard } from "./access/room-access.ts";
import type { Session } from "./access/session.ts";
import type { composeDocuments } from "./compose-documents.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { createCommentHandlers } from "./features/comments/comments.handlers.ts";
import { CommentStore } from "./features/comments/comments.store.ts";
import { Comments } from "./features/comments/comments.ts";
import { Background } from "./features/documents/background/background.ts";
import { createExchangeHandlers } from "./features/documents/exchange/exchange.handlers.ts";
import { Exchange } from "./features/documents/exchange/exchange.ts";
import { QuotedMessages } from "./features/documents/exchange/quoted-messages.ts";
import { TextMentionStore } from "./features/documents/text-mentions/text-mentions.store.ts";
import { TextMentions } from "./features/documents/text-mentions/text-mentions.ts";
import type { Messages } from "./features/messages/messages.ts";
import type { Change } from "./hot-path/change.ts";
import { CommentLane } from "./hot-path/comment-lane/comment-lane.ts";
import type { HotPath } from "./hot-path/hot-path.ts";
import { createIdSource } from "./lib/ids.ts";
import type { Clock } from "./ports/clock.ts";
import type { Draft } from "./ports/moderator.ts";

export interface TalkWorld {
  database: Database;
  hotPath: HotPath;
  rooms: RoomGuard;
  documentGuard: DocumentGuard;
  notifications: { documentTelling: DocumentTelling };
  chat: { messages: Messages };
  documents: ReturnType<typeof composeDocuments>;
  clock: Clock;
  settings: Settings;
  nodeId: string;
  nonceSecret: string;
  moderate: (draft: Draft) => Promise<void>;
  onCommitted: (changes: readonly Change[]) => void;
  /** Something was stored that is due to people who are away. */
  onDue: () => void;
  faults: { onFault: (error: unknown) => void };
}

/** What goes on around documents: comments, mentions in their text, and the ways from and to chat and other formats. */
export function composeTalk(world: TalkWorld) {
  const { database, clock, faults } = world;
  const readers = new DocumentReaders(database);
  const telling = world.notifications.documentTelling;
  const conversions = new Background(clock);
  const { comments, lane } = composeComments(world, readers);
  const { live } = world.documents;
  const mentions = new TextMentions({
    ...faults,
    hotPath: world.hotPath,
    readers,
    telling,
    store: new TextMentionStore(database),
    clock,
    slices: world.documents.slices,
    async quote(documentId, places) {
      const content = (await live.openReady(documentId)).encodeSince();
      return await conversions.run({ kind: "quoteMentions", content, places });
    },
  });
  const exchange = composeExchange(world, conversions);
  return {
    handlers: {
      ...createCommentHandlers({ comments }),
      ...createExchangeHandlers({ exchange }),
    },
    export: exchange.export.bind(exchange),
    see: (changes: readonly Change[]) => mentions.see(changes),
    ignore: (clientId: number) => mentions.ignore(clientId),
    recover: () => mentions.recover(),
    async close(): Promise<void> {
      await mentions.close();
      await conversions.close();
      await lane.close();
    },
  };
}

function composeComments(world: TalkWorld, readers: DocumentReaders) {
  const { database, clock, moderate } = world;
  const lane = new CommentLane({ ...world, ...world.faults, hubs: world.hotPath.hubs });
  const comments = new Comments({
    ...world,
    lane,
    guard: world.documentGuard,
    telling: world.notifications.documentTelling,
    readers,
    store: new CommentStore(database),
    createId: createIdSource(() => clock.now()),
    moderate: ({ session: { userId, username }, ...draft }) => moderate({ ...draft, userId, username }),
  });
  return { comments, lane };
}

function composeExchange(world: TalkWorld, conversions: Background): Exchange {
  const { database, rooms, documentGuard, documents, chat, settings, faults } = world;
  return new Exchange({
    ...faults,
    guard: documentGuard,
    documents: documents.documents,
    live: documents.live,
    editing: documents.editing,
    slices: documents.slices,
    conversions,
    messages: new QuotedMessages({ database, rooms }),
    async postLink(session: Session, { id, title, roomId }) {
      const content = `${title}: ${settings.publicUrl ?? ""}/documents/${id}`;
      const metadata = { documentId: id };
      const words = { roomId, content, type: "text", metadata } as const;
      const { message } = await chat.messages.post(session, { ...words, attachments: [], nonce: `document:${id}` });
      return message.id;
    },
  });
}
