CREATE TABLE "document_clients" (
	"document_id" text NOT NULL,
	"client_id" bigint NOT NULL,
	"user_id" text NOT NULL,
	"clock" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "document_clients_document_id_client_id_pk" PRIMARY KEY("document_id","client_id")
);
--> statement-breakpoint
CREATE TABLE "document_comments" (
	"id" text PRIMARY KEY NOT NULL,
	"document_id" text NOT NULL,
	"thread_id" text NOT NULL,
	"anchor_start" text,
	"anchor_end" text,
	"quote" text,
	"content" text NOT NULL,
	"user_id" text NOT NULL,
	"username" text NOT NULL,
	"nonce" text,
	"mentioned_ids" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone,
	"resolved_at" timestamp (3) with time zone,
	"resolved_by" text,
	"deleted_at" timestamp (3) with time zone,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "document_people" (
	"document_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "document_people_document_id_user_id_pk" PRIMARY KEY("document_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "document_snapshots" (
	"document_id" text NOT NULL,
	"position" bigint NOT NULL,
	"state" "bytea" NOT NULL,
	"checksum" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "document_snapshots_document_id_position_pk" PRIMARY KEY("document_id","position")
);
--> statement-breakpoint
CREATE TABLE "document_updates" (
	"document_id" text NOT NULL,
	"position" bigint NOT NULL,
	"update" "bytea" NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "document_updates_document_id_position_pk" PRIMARY KEY("document_id","position")
);
--> statement-breakpoint
CREATE TABLE "document_versions" (
	"id" text PRIMARY KEY NOT NULL,
	"document_id" text NOT NULL,
	"position" bigint NOT NULL,
	"state" "bytea" NOT NULL,
	"checksum" text NOT NULL,
	"user_id" text NOT NULL,
	"name" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" text PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"room_id" text,
	"owner_id" text NOT NULL,
	"nonce" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" text,
	"trashed_at" timestamp (3) with time zone,
	"updated_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "document_comments_changed" ON "document_comments" USING btree ("document_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "document_comments_nonce" ON "document_comments" USING btree ("document_id","user_id","nonce") WHERE nonce IS NOT NULL;--> statement-breakpoint
CREATE INDEX "document_people_of_user" ON "document_people" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "document_versions_listed" ON "document_versions" USING btree ("document_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "documents_nonce" ON "documents" USING btree ("owner_id","nonce");--> statement-breakpoint
CREATE INDEX "documents_of_room" ON "documents" USING btree ("room_id","updated_at");--> statement-breakpoint
CREATE INDEX "documents_of_owner" ON "documents" USING btree ("owner_id","updated_at");