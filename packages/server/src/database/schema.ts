import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { byteOrderedText, instant, position } from "./columns.ts";

/** The durable, ordered logs: `room:<id>`, `user:<id>`, `doc:<id>`. Everything that takes a right away raises `fence`. */
export const streams = pgTable("streams", {
  id: byteOrderedText("id").primaryKey(),
  head: position("head").notNull().default(0),
  /** Changes at or below this position can no longer be told apart: an older `since` is a reset. */
  floor: position("floor").notNull().default(0),
  fence: position("fence").notNull().default(0),
});

/** One row per node: which batch it committed last. A raised generation fences a call whose outcome is unknown. */
export const writers = pgTable("writers", {
  node: text("node").primaryKey(),
  generation: bigint("generation", { mode: "number" }).notNull(),
  batch: bigint("batch", { mode: "number" }).notNull(),
  startedAt: instant("started_at").notNull().defaultNow(),
});

/** Values made once for this instance: `epoch`, secrets' check values. */
export const instance = pgTable("instance", { key: text("key").primaryKey(), value: text("value").notNull() });

export const users = pgTable(
  "users",
  {
    id: text("id").primaryKey(),
    username: text("username").notNull(),
    /** Case-folded, for mentions. Not unique. */
    usernameKey: text("username_key").notNull(),
    avatarUrl: text("avatar_url"),
    isGuest: boolean("is_guest").notNull().default(false),
    isAdmin: boolean("is_admin").notNull().default(false),
    bannedAt: instant("banned_at"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [index("users_username_key").on(table.usernameKey)],
);

/** What closes live connections on every node: a ban, a revoked sign-in session, a deleted account. */
export const revocations = pgTable(
  "revocations",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    userId: text("user_id").notNull(),
    /** Absent: every connection of the user. */
    issuerSessionId: text("issuer_session_id"),
    reason: text("reason").notNull(),
    at: instant("at").notNull().defaultNow(),
  },
  (table) => [index("revocations_user").on(table.userId)],
);

export const rooms = pgTable(
  "rooms",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    description: text("description"),
    /** Of a direct conversation: its people, sorted; the same people give the same room. */
    directKey: text("direct_key"),
    memberCount: integer("member_count").notNull().default(0),
    createdBy: text("created_by"),
    createdAt: instant("created_at").notNull().defaultNow(),
    archivedAt: instant("archived_at"),
    updatedSeq: position("updated_seq").notNull().default(0),
  },
  (table) => [
    uniqueIndex("rooms_direct_key").on(table.directKey),
    index("rooms_public").on(table.id).where(sql`type in ('public', 'announcement')`),
  ],
);

/**
 * Memberships. `role` null: has left; the row stays so that a resume can say so.
 * People who change in one commit share one `updated_seq`; `user_seq` is the place in the person's own stream.
 */
export const members = pgTable(
  "members",
  {
    roomId: text("room_id").notNull(),
    userId: text("user_id").notNull(),
    role: text("role"),
    joinedAt: instant("joined_at").notNull().defaultNow(),
    updatedSeq: position("updated_seq").notNull(),
    userSeq: position("user_seq").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.roomId, table.userId] }),
    index("members_updated").on(table.roomId, table.updatedSeq),
    index("members_of_user").on(table.userId, table.userSeq),
  ],
);

export const messages = pgTable(
  "messages",
  {
    id: text("id").primaryKey(),
    roomId: text("room_id").notNull(),
    userId: text("user_id").notNull(),
    /** As it was when the message was posted. */
    username: text("username").notNull(),
    seq: position("seq").notNull(),
    updatedSeq: position("updated_seq").notNull(),
    type: text("type").notNull(),
    content: text("content").notNull(),
    metadata: jsonb("metadata").notNull().default({}),
    nonce: text("nonce"),
    /** Keyed hash of the first body sent under the nonce. */
    bodyHash: text("body_hash"),
    replyTo: text("reply_to"),
    threadId: text("thread_id"),
    mentions: jsonb("mentions"),
    /** `@everyone`: counts as a mention of every member. */
    mentionsAll: boolean("mentions_all").notNull().default(false),
    attachments: jsonb("attachments"),
    createdAt: instant("created_at").notNull(),
    editedAt: instant("edited_at"),
    deletedAt: instant("deleted_at"),
    pinnedAt: instant("pinned_at"),
  },
  (table) => [
    uniqueIndex("messages_seq").on(table.roomId, table.seq),
    uniqueIndex("messages_updated").on(table.roomId, table.updatedSeq),
    index("messages_to_all").on(table.roomId, table.seq).where(sql`mentions_all`),
  ],
);

/**
 * Where words stand, for the search: of each 1,024 positions of a room, one row a word with the places among them. Made
 * when a room is searched, up to `search_positions`. Rows are read from the newest block on, so a word that stands
 * everywhere costs no more than a rare one.
 */
export const searchWords = pgTable(
  "search_words",
  {
    roomId: text("room_id").notNull(),
    block: position("block").notNull(),
    word: byteOrderedText("word").notNull(),
    places: smallint("places").array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.block, table.word] })],
);

/** Up to which position of a room its words are known. */
export const searchPositions = pgTable("search_positions", {
  roomId: text("room_id").primaryKey(),
  seq: position("seq").notNull(),
});

/** The texts a message had before each edit. */
export const messageEdits = pgTable(
  "message_edits",
  {
    messageId: text("message_id").notNull(),
    /** Where the text that stands here was replaced. */
    seq: position("seq").notNull(),
    content: text("content").notNull(),
    editedAt: instant("edited_at").notNull(),
    /** Order of arrival: several edits of one batch share their position. */
    id: bigserial("id", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.id] })],
);

export const reactions = pgTable(
  "reactions",
  {
    messageId: text("message_id").notNull(),
    emoji: text("emoji").notNull(),
    userId: text("user_id").notNull(),
    /** Order of arrival. */
    id: bigserial("id", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.emoji, table.userId] })],
);

/** Who a message names, for counts; `@everyone` stands on the message itself. */
export const mentions = pgTable(
  "mentions",
  {
    userId: text("user_id").notNull(),
    roomId: text("room_id").notNull(),
    seq: position("seq").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.roomId, table.seq] })],
);

/**
 * One row per cause and person, on the person's stream. Rows that were read together share one `user_seq`. A deleted one
 * stays, empty, so that a resume can say so and its cause tells nobody twice.
 */
export const notifications = pgTable(
  "notifications",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    /** Where it was made; `user_seq` is its last change. */
    seq: position("seq").notNull(),
    userSeq: position("user_seq").notNull(),
    type: text("type").notNull(),
    /** What it is about, for example `message:<message id>`. */
    cause: text("cause").notNull(),
    title: text("title").notNull(),
    content: text("content").notNull(),
    metadata: jsonb("metadata").notNull().default({}),
    urgent: boolean("urgent").notNull().default(false),
    groupKey: text("group_key"),
    /** What else it did when it was made: `sound`, `desktop`. */
    alerts: text("alerts").array().notNull().default([]),
    /** False: somebody was called by name who keeps no record of it. */
    isListed: boolean("is_listed").notNull().default(true),
    /** Of a message: reading the room up to it reads this. */
    roomId: text("room_id"),
    messageSeq: position("message_seq"),
    createdAt: instant("created_at").notNull(),
    readAt: instant("read_at"),
    deletedAt: instant("deleted_at"),
  },
  (table) => [
    uniqueIndex("notifications_cause").on(table.userId, table.cause),
    index("notifications_changed").on(table.userId, table.userSeq),
    index("notifications_listed").on(table.userId, table.seq).where(sql`is_listed and deleted_at is null`),
    index("notifications_unread")
      .on(table.userId, table.roomId, table.messageSeq)
      .where(sql`is_listed and deleted_at is null and read_at is null`),
  ],
);

/** How people want to be told, as far as it is not the usual; and when they last read all at once. */
export const notificationSettings = pgTable(
  "notification_settings",
  {
    userId: text("user_id").primaryKey(),
    /** `<trigger>.<channel>` → boolean, `doNotDisturb`, and `keywords`. */
    overrides: jsonb("overrides").notNull().default({}),
    userSeq: position("user_seq").notNull().default(0),
    readAllSeq: position("read_all_seq").notNull().default(0),
    readAllAt: instant("read_all_at"),
  },
  (table) => [index("notification_settings_keywords").on(table.userId).where(sql`overrides ? 'keywords'`)],
);

/** How people want to be told of single rooms. */
export const roomPreferences = pgTable(
  "room_preferences",
  {
    userId: text("user_id").notNull(),
    roomId: text("room_id").notNull(),
    /** Null: what is usual for the kind of room. */
    level: text("level"),
    mutedUntil: instant("muted_until"),
    userSeq: position("user_seq").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.roomId] }),
    index("room_preferences_changed").on(table.userId, table.userSeq),
    index("room_preferences_all").on(table.roomId).where(sql`level = 'all'`),
  ],
);

/** What is told to, or taken back from, more people than one commit takes: done in slices, from where the last one ended. */
export const roomJobs = pgTable(
  "room_jobs",
  {
    id: text("id").primaryKey(),
    roomId: text("room_id").notNull(),
    kind: text("kind").notNull(),
    /** What is told; of what is taken back, its cause. */
    notice: jsonb("notice").notNull(),
    /** Told in the commit of the cause itself, or not to be told. */
    excludedIds: text("excluded_ids").array().notNull().default([]),
    /** Everybody up to this person has been told. */
    afterUserId: text("after_user_id").notNull().default(""),
    toldCount: integer("told_count").notNull().default(0),
    createdAt: instant("created_at").notNull(),
    leasedUntil: instant("leased_until"),
    doneAt: instant("done_at"),
  },
  (table) => [index("room_jobs_open").on(table.createdAt).where(sql`done_at is null`)],
);

/** Where a person has read to; unread counts follow from it and are stored nowhere. */
export const readMarkers = pgTable(
  "read_markers",
  {
    userId: text("user_id").notNull(),
    roomId: text("room_id").notNull(),
    seq: position("seq").notNull(),
    userSeq: position("user_seq").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.roomId] }),
    index("read_markers_seq").on(table.userId, table.userSeq),
  ],
);

/**
 * What a person has chosen to show, and when others last saw them. Written when they choose, come and go, never while
 * they are here. `version` rises with every write, so that other nodes find what is new.
 */
export const presences = pgTable(
  "presences",
  {
    userId: text("user_id").primaryKey(),
    /** `offline`: invisible. Null: nothing was ever chosen. */
    status: text("status"),
    text: text("text"),
    emoji: text("emoji"),
    /** What was chosen counts until then. */
    expiresAt: instant("expires_at"),
    lastSeenAt: instant("last_seen_at"),
    version: bigserial("version", { mode: "number" }).notNull(),
  },
  (table) => [uniqueIndex("presences_version").on(table.version)],
);

/** Who has a connection to which node; it counts for as long as the node's lease does. */
export const presenceNodes = pgTable(
  "presence_nodes",
  {
    userId: text("user_id").notNull(),
    node: text("node").notNull(),
    /** Nobody sits at any of these connections. */
    isAway: boolean("is_away").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.node] }), index("presence_nodes_node").on(table.node)],
);

/** One row per living node, renewed while it lives; what it knows alone counts until `expires_at`. */
export const nodeLeases = pgTable("node_leases", {
  node: text("node").primaryKey(),
  renewedAt: instant("renewed_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

export const invites = pgTable("invites", {
  code: text("code").primaryKey(),
  roomId: text("room_id").notNull(),
  createdBy: text("created_by").notNull(),
  createdAt: instant("created_at").notNull().defaultNow(),
  expiresAt: instant("expires_at"),
  maxUses: integer("max_uses"),
  uses: integer("uses").notNull().default(0),
});

/** Emoji of this instance, written `:name:`. */
export const customEmoji = pgTable("custom_emoji", {
  name: text("name").primaryKey(),
  url: text("url").notNull(),
  createdBy: text("created_by").notNull(),
  createdAt: instant("created_at").notNull().defaultNow(),
});
