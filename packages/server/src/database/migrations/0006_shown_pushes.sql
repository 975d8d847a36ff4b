CREATE TABLE "shown_pushes" (
	"device_id" text NOT NULL,
	"user_id" text NOT NULL,
	"subject" text NOT NULL,
	"shown_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "shown_pushes_device_id_subject_pk" PRIMARY KEY("device_id","subject")
);
--> statement-breakpoint
ALTER TABLE "shown_pushes" ADD CONSTRAINT "shown_pushes_device_id_push_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."push_devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "shown_pushes_subject" ON "shown_pushes" USING btree ("user_id","subject");--> statement-breakpoint
-- What is read or gone, whichever way, is closed where it was pushed to: with the last unread one of a subject its delivery
-- becomes due (again), finds that nothing is unread, and says so to the devices. One that is being sent right now stays for
-- it, too. Only what was unread counts: of that a commit has its person's stream locked, so no two commits wait here.
CREATE FUNCTION close_read_pushes_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deliveries AS d (user_id, channel, subject, from_seq, version, told_at, due_at)
  SELECT g.user_id, 'push', g.subject, g.seq + 1, 1, g.at, g.at
  FROM (
    SELECT c.user_id, coalesce(c.group_key, c.cause) AS subject, max(c.user_seq) AS seq,
      max(coalesce(c.deleted_at, c.read_at)) AS at
    FROM changed c JOIN earlier e ON e.id = c.id
    WHERE c.is_listed AND e.read_at IS NULL AND e.deleted_at IS NULL
      AND (c.read_at IS NOT NULL OR c.deleted_at IS NOT NULL)
    GROUP BY 1, 2
  ) g
  WHERE (
    EXISTS (SELECT 1 FROM shown_pushes s WHERE s.user_id = g.user_id AND s.subject = g.subject)
    OR EXISTS (SELECT 1 FROM deliveries p WHERE p.user_id = g.user_id AND p.channel = 'push' AND p.subject = g.subject)
  ) AND NOT EXISTS (
    SELECT 1 FROM notifications n WHERE n.user_id = g.user_id AND coalesce(n.group_key, n.cause) = g.subject
      AND n.is_listed AND n.deleted_at IS NULL AND n.read_at IS NULL)
  ON CONFLICT (user_id, channel, subject) DO UPDATE SET
    version = d.version + 1,
    due_at = CASE WHEN d.attempts = 0 THEN least(d.due_at, excluded.due_at) ELSE d.due_at END;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER notifications_close_read_pushes AFTER UPDATE ON notifications
REFERENCING OLD TABLE AS earlier NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION close_read_pushes_v1();
