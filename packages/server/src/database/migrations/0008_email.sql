CREATE TABLE "email_addresses" (
	"user_id" text PRIMARY KEY NOT NULL,
	"address" text,
	"is_chosen" boolean DEFAULT false NOT NULL,
	"failure_count" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"waiting_address" text,
	"waiting_nonce" text,
	"waiting_until" timestamp (3) with time zone
);
--> statement-breakpoint
DROP INDEX "deliveries_due";--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("channel","due_at");