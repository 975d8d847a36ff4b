/** How people are told who are away: what is due, and where they can be reached. */
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/**
 * What is due to somebody by one channel: one row for each subject (a room, or a cause of its own), however much of it is
 * unread. Stored with the notification, gone when it was sent or there is no reason any more.
 */
export const deliveries = pgTable(
  "deliveries",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    userId: text("user_id").notNull(),
    /** `push` or `email`; `confirmation`: the link that confirms an address. */
    channel: text("channel").notNull(),
    /** The group of the notifications, or the cause of one that has none. */
    subject: text("subject").notNull(),
    /** It is about unread notifications from this position on. */
    fromSeq: bigint("from_seq", { mode: "number" }).notNull(),
    /** How many have come; raised while it is being sent: it stays, for the newer ones. */
    version: integer("version").notNull(),
    /** When the newest of them was told. */
    toldAt: instant("told_at").notNull(),
    dueAt: instant("due_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** A node is at it; when that has passed, it has died. */
    claimedUntil: instant("claimed_until"),
    /** Devices that have it, when others of the person's have not. */
    reachedIds: text("reached_ids").array().notNull().default([]),
  },
  (table) => [
    uniqueIndex("deliveries_subject").on(table.userId, table.channel, table.subject),
    index("deliveries_due").on(table.channel, table.dueAt),
  ],
);

/** Browsers that take pushes for somebody. */
export const pushDevices = pgTable(
  "push_devices",
  {
    /** Hash of the endpoint. */
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    endpoint: text("endpoint").notNull(),
    p256dh: text("p256dh").notNull(),
    auth: text("auth").notNull(),
    label: text("label"),
    createdAt: instant("created_at").notNull(),
    lastSuccessAt: instant("last_success_at"),
    lastError: text("last_error"),
  },
  (table) => [index("push_devices_user").on(table.userId, table.createdAt)],
);

/** Where people are told by mail, one row a person: also for one who wants none, whatever a host says. */
export const emailAddresses = pgTable("email_addresses", {
  userId: text("user_id").primaryKey(),
  /** Confirmed. Null: none, or none yet. */
  address: text("address"),
  /** The person confirmed it, or wants none: what a host's token says counts only until then. */
  isChosen: boolean("is_chosen").notNull().default(false),
  /** Mails in a row that were refused for good. */
  failureCount: integer("failure_count").notNull().default(0),
  lastError: text("last_error"),
  /** Takes the place of `address` with the link that holds the nonce, once. */
  waitingAddress: text("waiting_address"),
  waitingNonce: text("waiting_nonce"),
  waitingUntil: instant("waiting_until"),
});

/** What stands on a device since it was pushed there: one row for each subject, until the device is told to close it. */
export const shownPushes = pgTable(
  "shown_pushes",
  {
    deviceId: text("device_id")
      .notNull()
      .references(() => pushDevices.id, { onDelete: "cascade" }),
    userId: text("user_id").notNull(),
    subject: text("subject").notNull(),
    shownAt: instant("shown_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.subject] }),
    index("shown_pushes_subject").on(table.userId, table.subject),
  ],
);
