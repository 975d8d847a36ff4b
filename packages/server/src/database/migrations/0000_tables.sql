CREATE TABLE "attachments" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"message_id" text,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" bigint NOT NULL,
	"width" integer,
	"height" integer,
	"alt" text,
	"storage_key" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "custom_emoji" (
	"name" text PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "instance" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invites" (
	"code" text PRIMARY KEY NOT NULL,
	"room_id" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"max_uses" integer,
	"uses" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "members" (
	"room_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text,
	"joined_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_seq" bigint NOT NULL,
	"user_seq" bigint NOT NULL,
	CONSTRAINT "members_room_id_user_id_pk" PRIMARY KEY("room_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "mentions" (
	"user_id" text NOT NULL,
	"room_id" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "mentions_user_id_room_id_seq_pk" PRIMARY KEY("user_id","room_id","seq")
);
--> statement-breakpoint
CREATE TABLE "message_edits" (
	"message_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"content" text NOT NULL,
	"edited_at" timestamp (3) with time zone NOT NULL,
	"id" bigserial NOT NULL,
	CONSTRAINT "message_edits_message_id_id_pk" PRIMARY KEY("message_id","id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" text PRIMARY KEY NOT NULL,
	"room_id" text NOT NULL,
	"user_id" text NOT NULL,
	"username" text NOT NULL,
	"seq" bigint NOT NULL,
	"updated_seq" bigint NOT NULL,
	"type" text NOT NULL,
	"content" text NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"nonce" text,
	"body_hash" text,
	"reply_to" text,
	"thread_id" text,
	"mentions" jsonb,
	"mentions_all" boolean DEFAULT false NOT NULL,
	"attachments" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	"pinned_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "node_leases" (
	"node" text PRIMARY KEY NOT NULL,
	"renewed_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notification_settings" (
	"user_id" text PRIMARY KEY NOT NULL,
	"overrides" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"user_seq" bigint DEFAULT 0 NOT NULL,
	"read_all_seq" bigint DEFAULT 0 NOT NULL,
	"read_all_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"user_seq" bigint NOT NULL,
	"type" text NOT NULL,
	"cause" text NOT NULL,
	"title" text NOT NULL,
	"content" text NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"urgent" boolean DEFAULT false NOT NULL,
	"group_key" text,
	"alerts" text[] DEFAULT '{}' NOT NULL,
	"is_listed" boolean DEFAULT true NOT NULL,
	"room_id" text,
	"message_seq" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	"read_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "presence_nodes" (
	"user_id" text NOT NULL,
	"node" text NOT NULL,
	"is_away" boolean NOT NULL,
	CONSTRAINT "presence_nodes_user_id_node_pk" PRIMARY KEY("user_id","node")
);
--> statement-breakpoint
CREATE TABLE "presences" (
	"user_id" text PRIMARY KEY NOT NULL,
	"status" text,
	"text" text,
	"emoji" text,
	"expires_at" timestamp (3) with time zone,
	"last_seen_at" timestamp (3) with time zone,
	"version" bigserial NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"message_id" text NOT NULL,
	"emoji" text NOT NULL,
	"user_id" text NOT NULL,
	"id" bigserial NOT NULL,
	CONSTRAINT "reactions_message_id_emoji_user_id_pk" PRIMARY KEY("message_id","emoji","user_id")
);
--> statement-breakpoint
CREATE TABLE "read_markers" (
	"user_id" text NOT NULL,
	"room_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"user_seq" bigint NOT NULL,
	CONSTRAINT "read_markers_user_id_room_id_pk" PRIMARY KEY("user_id","room_id")
);
--> statement-breakpoint
CREATE TABLE "revocations" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"issuer_session_id" text,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "room_jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"room_id" text NOT NULL,
	"kind" text NOT NULL,
	"notice" jsonb NOT NULL,
	"excluded_ids" text[] DEFAULT '{}' NOT NULL,
	"after_user_id" text DEFAULT '' NOT NULL,
	"told_count" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"leased_until" timestamp (3) with time zone,
	"done_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "room_preferences" (
	"user_id" text NOT NULL,
	"room_id" text NOT NULL,
	"level" text,
	"muted_until" timestamp (3) with time zone,
	"user_seq" bigint NOT NULL,
	CONSTRAINT "room_preferences_user_id_room_id_pk" PRIMARY KEY("user_id","room_id")
);
--> statement-breakpoint
CREATE TABLE "rooms" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"description" text,
	"direct_key" text,
	"member_count" integer DEFAULT 0 NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	"updated_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "streams" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"head" bigint DEFAULT 0 NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL,
	"fence" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"username_key" text NOT NULL,
	"avatar_url" text,
	"is_guest" boolean DEFAULT false NOT NULL,
	"is_admin" boolean DEFAULT false NOT NULL,
	"banned_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "writers" (
	"node" text PRIMARY KEY NOT NULL,
	"generation" bigint NOT NULL,
	"batch" bigint NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "attachments_message" ON "attachments" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "members_updated" ON "members" USING btree ("room_id","updated_seq");--> statement-breakpoint
CREATE INDEX "members_of_user" ON "members" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_seq" ON "messages" USING btree ("room_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_updated" ON "messages" USING btree ("room_id","updated_seq");--> statement-breakpoint
CREATE INDEX "messages_to_all" ON "messages" USING btree ("room_id","seq") WHERE mentions_all;--> statement-breakpoint
CREATE UNIQUE INDEX "notifications_cause" ON "notifications" USING btree ("user_id","cause");--> statement-breakpoint
CREATE INDEX "notifications_changed" ON "notifications" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "notifications_listed" ON "notifications" USING btree ("user_id","seq") WHERE is_listed and deleted_at is null;--> statement-breakpoint
CREATE INDEX "notifications_unread" ON "notifications" USING btree ("user_id","room_id","message_seq") WHERE is_listed and deleted_at is null and read_at is null;--> statement-breakpoint
CREATE INDEX "presence_nodes_node" ON "presence_nodes" USING btree ("node");--> statement-breakpoint
CREATE UNIQUE INDEX "presences_version" ON "presences" USING btree ("version");--> statement-breakpoint
CREATE INDEX "read_markers_seq" ON "read_markers" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "room_jobs_open" ON "room_jobs" USING btree ("created_at") WHERE done_at is null;--> statement-breakpoint
CREATE INDEX "room_preferences_changed" ON "room_preferences" USING btree ("user_id","user_seq");--> statement-breakpoint
CREATE INDEX "room_preferences_all" ON "room_preferences" USING btree ("room_id") WHERE level = 'all';--> statement-breakpoint
CREATE UNIQUE INDEX "rooms_direct_key" ON "rooms" USING btree ("direct_key");--> statement-breakpoint
CREATE INDEX "rooms_public" ON "rooms" USING btree ("id") WHERE type in ('public', 'announcement');--> statement-breakpoint
CREATE INDEX "users_username_key" ON "users" USING btree ("username_key");