CREATE TABLE "files" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"state" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	"width" integer,
	"height" integer,
	"thumbnails" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"storage_key" text NOT NULL,
	"node" text,
	"message_id" text,
	"document_id" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"remove_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "files_user" ON "files" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "files_message" ON "files" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "files_receiving" ON "files" USING btree ("node") WHERE state = 'receiving';--> statement-breakpoint
CREATE INDEX "files_document" ON "files" USING btree ("document_id") WHERE document_id is not null;--> statement-breakpoint
CREATE INDEX "files_remove" ON "files" USING btree ("remove_at") WHERE remove_at is not null;--> statement-breakpoint
-- Made for files and never used.
DROP TABLE "attachments";
