-- What one row of each kind looks like to everyone who may see it. Commits, pages, resumes and repairs all read these.
CREATE VIEW message_state AS
SELECT
  m.id, m.room_id, m.user_id, m.username, m.seq, m.updated_seq, m.type, m.content, m.metadata, m.nonce,
  m.reply_to, m.thread_id, m.mentions, m.attachments, m.created_at, m.edited_at, m.deleted_at, m.pinned_at,
  (
    SELECT jsonb_agg(jsonb_build_object('emoji', r.emoji, 'count', r.count, 'users', r.users) ORDER BY r.first_id)
    FROM (
      SELECT emoji, count(*) AS count, min(id) AS first_id, (array_agg(user_id ORDER BY id))[1:20] AS users
      FROM reactions WHERE message_id = m.id GROUP BY emoji
    ) r
  ) AS reactions
FROM messages m;
--> statement-breakpoint
CREATE VIEW member_state AS
SELECT m.room_id, m.user_id, m.role, m.updated_seq, u.username, u.avatar_url
FROM members m JOIN users u ON u.id = m.user_id;
--> statement-breakpoint
CREATE VIEW room_state AS
SELECT r.id, r.name, r.type, r.description, r.archived_at, r.member_count, r.updated_seq FROM rooms r;
--> statement-breakpoint
-- Notifications as people may read them: of a message that is deleted no record shows the text, though it may stand there
-- until the slices that take it back have come that far. Whoever delivers texts reads them here.
CREATE VIEW notification_state AS
SELECT
  t.id, t.user_id, t.seq, t.user_seq, t.type, t.cause, t.title,
  CASE WHEN (SELECT m.deleted_at FROM messages m WHERE m.room_id = t.room_id AND m.seq = t.message_seq) IS NULL
    THEN t.content ELSE '' END AS content,
  t.metadata, t.urgent, t.group_key, t.alerts, t.is_listed, t.room_id, t.message_seq, t.created_at, t.read_at, t.deleted_at
FROM notifications t;
--> statement-breakpoint
-- One value for «this author's nonce in this room», so that exactly one index can answer for it, statistics or none.
CREATE FUNCTION nonce_key(room_id text, user_id text, nonce text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT room_id || E'\n' || user_id || E'\n' || nonce $$;
--> statement-breakpoint
CREATE UNIQUE INDEX messages_nonce ON messages (nonce_key(room_id, user_id, nonce)) WHERE nonce IS NOT NULL;
--> statement-breakpoint
-- Everybody who was told of one cause. A value of its own, so that no plan made for an empty table looks one person's record
-- of a cause up among those of ten thousand others.
CREATE FUNCTION told_key(cause text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 'told ' || cause $$;
--> statement-breakpoint
CREATE INDEX notifications_told ON notifications (told_key(cause));
--> statement-breakpoint
-- Unread counts follow from the marker and are stored nowhere; 100 means 100 or more.
CREATE FUNCTION unread_v1(p_user text, p_room text, p_seq bigint, OUT unread int, OUT mentions int)
LANGUAGE sql STABLE AS $$
  SELECT
    (SELECT count(*)::int FROM (
      SELECT 1 FROM messages
      WHERE room_id = p_room AND seq > p_seq AND user_id <> p_user AND deleted_at IS NULL AND type <> 'system'
      LIMIT 100) u),
    (SELECT count(*)::int FROM (
      (SELECT seq FROM mentions WHERE user_id = p_user AND room_id = p_room AND seq > p_seq LIMIT 100)
      UNION
      (SELECT seq FROM messages
       WHERE room_id = p_room AND seq > p_seq AND mentions_all AND user_id <> p_user AND deleted_at IS NULL LIMIT 100)
      LIMIT 100) n)
$$;
--> statement-breakpoint
-- The heads after some positions were taken on their streams.
CREATE FUNCTION raise_heads_v1(INOUT heads bigint[], taken_s int[], taken bigint[])
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  FOR i IN 1 .. coalesce(array_length(taken_s, 1), 0) LOOP
    IF taken[i] > heads[taken_s[i]] THEN heads[taken_s[i]] := taken[i]; END IF;
  END LOOP;
END $$;
--> statement-breakpoint
-- Takes out of a step what its stream no longer allows: judged by rights that have changed since, behind such an item of
-- its pair, or for a stream that does not exist.
CREATE FUNCTION judge_step_v1(items jsonb, heads bigint[], fences bigint[], INOUT stale_pairs text[], OUT passed jsonb,
  OUT refused jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  passed := items;
  refused := '[]';
  PERFORM 1 FROM jsonb_to_recordset(items) AS x(s int, f bigint, pair text)
  WHERE heads[x.s] IS NULL OR x.f <> fences[x.s] OR x.pair = ANY (stale_pairs);
  IF NOT FOUND THEN RETURN; END IF;
  SELECT
    jsonb_agg(item) FILTER (WHERE status IS NULL),
    coalesce(jsonb_agg(jsonb_build_object('i', item->'i', 'status', status)) FILTER (WHERE status IS NOT NULL), '[]'),
    stale_pairs || coalesce(array_agg(pair) FILTER (WHERE status = 'stale' AND pair IS NOT NULL), '{}')
  INTO passed, refused, stale_pairs
  FROM (
    SELECT item, item->>'pair' AS pair, CASE
      WHEN heads[(item->>'s')::int] IS NULL THEN 'not_found'
      WHEN bool_or((item->>'f')::bigint <> fences[(item->>'s')::int] OR item->>'pair' = ANY (stale_pairs))
        OVER (PARTITION BY coalesce(item->>'pair', i::text) ORDER BY i) THEN 'stale'
      END AS status
    FROM jsonb_array_elements(items) WITH ORDINALITY AS x(item, i)
  ) x;
END $$;
--> statement-breakpoint
-- Unread notifications of a person, which are counted and stored nowhere; 100 means 100 or more.
CREATE FUNCTION unread_notifications_v1(p_user text) RETURNS int
LANGUAGE sql STABLE AS $$
  SELECT count(*)::int FROM (
    SELECT 1 FROM notifications
    WHERE user_id = p_user AND is_listed AND deleted_at IS NULL AND read_at IS NULL LIMIT 100) n
$$;
--> statement-breakpoint
-- Tells people of what a step has done: of one cause once, and of a room's to its members only. `told` are the streams of
-- people whose notifications this batch has changed; of those whom nobody hears on the caller's node it need not know.
CREATE FUNCTION notify_v1(notices jsonb, results jsonb, INOUT heads bigint[], INOUT told int[])
LANGUAGE plpgsql AS $$
BEGIN
  WITH wanted AS (
    SELECT DISTINCT ON (p."user", n.cause) n.i, n.type, n.cause, n.title, n.content, n.metadata, n."group", n.urgent,
      n.room, coalesce(n.seq, r.seq) AS message_seq, n.at, p.u, p."user", p.id, p.listed, p.alerts, p.heard, p.due,
      -- Who is told behind the commit of the cause may have read the room past it by now.
      CASE WHEN n.late AND (SELECT k.seq FROM read_markers k WHERE k.user_id = p."user" AND k.room_id = n.room)
        >= coalesce(n.seq, r.seq) THEN n.at END AS read_at
    FROM jsonb_to_recordset(notices) AS n(i int, type text, cause text, title text, content text, metadata jsonb,
      "group" text, urgent boolean, room text, seq bigint, late boolean, at timestamptz, people jsonb)
    JOIN jsonb_to_recordset(results) AS r(i int, status text, seq bigint, "isNew" boolean)
      ON r.i = n.i AND r.status = 'ok' AND r."isNew" IS NOT FALSE
    CROSS JOIN jsonb_to_recordset(n.people) AS p(u int, "user" text, id text, listed boolean, alerts text[], heard boolean, due jsonb)
    WHERE heads[p.u] IS NOT NULL
      AND (n.room IS NULL OR (SELECT role FROM members WHERE room_id = n.room AND user_id = p."user") IS NOT NULL)
      AND (SELECT t.id FROM notifications t WHERE t.user_id = p."user" AND t.cause = n.cause) IS NULL
    ORDER BY p."user", n.cause, n.i
  ), numbered AS (
    SELECT *, heads[u] + row_number() OVER (PARTITION BY u ORDER BY i, id) AS seq FROM wanted
  ), inserted AS (
    INSERT INTO notifications (id, user_id, seq, user_seq, type, cause, title, content, metadata, urgent, group_key,
      alerts, is_listed, room_id, message_seq, created_at, read_at)
    SELECT id, "user", seq, seq, type, cause, title, content, metadata, coalesce(urgent, false), "group",
      CASE WHEN read_at IS NULL THEN coalesce(alerts, '{}') ELSE '{}' END, listed, room,
      CASE WHEN room IS NOT NULL THEN message_seq END, at, read_at
    FROM numbered
  ), queued AS (
    -- What waits for the same person, channel and subject takes it along, and is due as soon as any of it.
    INSERT INTO deliveries AS d (user_id, channel, subject, from_seq, version, told_at, due_at)
    SELECT "user", w.key, coalesce("group", cause), min(seq), count(*), max(at), min(w.value::timestamptz)
    FROM numbered CROSS JOIN LATERAL jsonb_each_text(due) w WHERE listed AND read_at IS NULL
    GROUP BY 1, 2, 3
    ON CONFLICT (user_id, channel, subject) DO UPDATE SET
      version = d.version + excluded.version,
      told_at = excluded.told_at,
      due_at = CASE WHEN d.attempts = 0 THEN least(d.due_at, excluded.due_at) ELSE d.due_at END
  )
  SELECT raise_heads_v1(heads, array_agg(u), array_agg(seq)),
    told || coalesce(array_agg(u) FILTER (WHERE heard IS NOT FALSE), '{}')
  INTO heads, told FROM numbered;
END $$;
--> statement-breakpoint
-- Takes back what was told of a message that is gone, or of a mention that is, from the people named.
CREATE FUNCTION withdraw_v1(withdrawals jsonb, results jsonb, INOUT heads bigint[], INOUT told int[])
LANGUAGE plpgsql AS $$
BEGIN
  WITH due AS (
    SELECT t.id, p.u, w.at
    FROM jsonb_to_recordset(withdrawals) AS w(i int, cause text, type text, at timestamptz, people jsonb)
    JOIN jsonb_to_recordset(results) AS r(i int, status text) ON r.i = w.i AND r.status = 'ok'
    CROSS JOIN jsonb_to_recordset(w.people) AS p(u int, "user" text)
    JOIN notifications t ON t.user_id = p."user" AND t.cause = w.cause AND t.is_listed AND t.deleted_at IS NULL
      AND (w.type IS NULL OR (t.type = w.type AND t.read_at IS NULL))
    WHERE heads[p.u] IS NOT NULL
  ), numbered AS (
    SELECT *, heads[u] + row_number() OVER (PARTITION BY u ORDER BY id) AS at_seq FROM due
  ), gone AS (
    UPDATE notifications t SET title = '', content = '', metadata = '{}', deleted_at = n.at, user_seq = n.at_seq
    FROM numbered n WHERE t.id = n.id
  )
  SELECT raise_heads_v1(heads, array_agg(u), array_agg(at_seq)), told || coalesce(array_agg(u), '{}')
  INTO heads, told FROM numbered;
END $$;
--> statement-breakpoint
-- A batch comes as steps, each a list of items of one kind of which none depends on another, and runs step by step. Each
-- apply_* function does one step in one statement. `heads` goes in as the streams' last positions and comes out raised by
-- what was used; `starts` are the positions before the batch: an entity already above its start keeps its position.
-- `i` is an item's place in the batch, `s` its stream's, counted from 1; results carry `i` with them.
CREATE FUNCTION apply_sends_v1(items jsonb, streams text[], INOUT heads bigint[], OUT results jsonb, OUT touched text[])
LANGUAGE plpgsql AS $$
BEGIN
  WITH judged AS (
    SELECT x.*, substr(streams[x.s], 6) AS room, e.id AS earlier,
      CASE
        WHEN e.id IS NOT NULL THEN CASE WHEN e.body_hash = x.hash THEN 'duplicate' ELSE 'nonce_conflict' END
        WHEN x."replyTo" IS NOT NULL
          AND substr(streams[x.s], 6) IS DISTINCT FROM (SELECT room_id FROM messages WHERE id = x."replyTo")
          OR x."threadId" IS NOT NULL
          AND substr(streams[x.s], 6) IS DISTINCT FROM (SELECT room_id FROM messages WHERE id = x."threadId")
        THEN 'reference_not_found'
        WHEN x.files IS NOT NULL AND jsonb_array_length(x.files) <> (
          SELECT count(*) FROM jsonb_array_elements_text(x.files) AS w(id) JOIN files f ON f.id = w.id
          WHERE f.user_id = x."user" AND f.state = 'stored' AND f.message_id IS NULL)
        THEN 'file_not_found'
        ELSE 'ok'
      END AS status
    FROM jsonb_to_recordset(items) AS x(i int, s int, id text, "user" text, username text, type text, content text,
      metadata jsonb, nonce text, hash text, "replyTo" text, "threadId" text, mentions jsonb, mentioned jsonb,
      files jsonb, attachments jsonb, at timestamptz)
    LEFT JOIN messages e ON e.nonce IS NOT NULL AND x.nonce IS NOT NULL
      AND nonce_key(e.room_id, e.user_id, e.nonce) = nonce_key(substr(streams[x.s], 6), x."user", x.nonce)
  ), numbered AS (
    SELECT *, heads[s] + count(*) FILTER (WHERE status = 'ok') OVER (PARTITION BY s ORDER BY i) AS seq FROM judged
  ), inserted AS (
    INSERT INTO messages (id, room_id, user_id, username, seq, updated_seq, type, content, metadata, nonce, body_hash,
      reply_to, thread_id, mentions, mentions_all, attachments, created_at)
    SELECT id, room, "user", username, seq, seq, type, content, coalesce(metadata, '{}'), nonce, hash,
      "replyTo", "threadId", mentions, coalesce((mentions->>'everyone')::boolean, false), attachments, at
    FROM numbered WHERE status = 'ok'
  ), attached AS (
    UPDATE files f SET message_id = n.id, remove_at = NULL
    FROM numbered n, jsonb_array_elements_text(n.files) AS w(id) WHERE n.status = 'ok' AND f.id = w.id
  ), mentioned AS (
    INSERT INTO mentions (user_id, room_id, seq)
    SELECT named.user_id, room, seq FROM numbered, jsonb_array_elements_text(numbered.mentioned) AS named(user_id)
    WHERE status = 'ok'
  )
  SELECT
    jsonb_agg(jsonb_build_object('i', i, 'status', status, 'seq', seq, 'id', earlier)),
    coalesce(array_agg(earlier) FILTER (WHERE earlier IS NOT NULL), '{}'),
    raise_heads_v1(heads, array_agg(s), array_agg(seq))
  INTO results, touched, heads FROM numbered;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_edits_v1(items jsonb, streams text[], starts bigint[], INOUT heads bigint[], OUT results jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH judged AS (
    SELECT x.*, m.room_id, m.seq, m.content AS earlier, m.updated_seq, m.updated_seq <= starts[x.s] AS is_due,
      coalesce(m.content <> x.content, false) AS is_new, t.has_others
    FROM jsonb_to_recordset(items) AS x(i int, s int, id text, "user" text, content text, mentions jsonb,
      mentioned jsonb, unmentioned jsonb, known jsonb, at timestamptz)
    LEFT JOIN LATERAL (SELECT * FROM messages WHERE id = x.id OFFSET 0) m
      ON m.room_id = substr(streams[x.s], 6) AND m.user_id = x."user" AND m.deleted_at IS NULL
    -- Somebody was told of a mention who is neither called any more nor among those from whom it is taken back.
    CROSS JOIN LATERAL (SELECT count(*) > 0 AS has_others FROM notifications
      WHERE told_key(cause) = told_key('message:' || x.id) AND type = 'mention' AND is_listed AND read_at IS NULL AND deleted_at IS NULL
        AND NOT x.known ? user_id) t
  ), passed AS (
    SELECT * FROM judged WHERE NOT has_others
  ), numbered AS (
    SELECT *, CASE WHEN is_new THEN CASE WHEN is_due
        THEN heads[s] + count(*) FILTER (WHERE is_new AND is_due) OVER (PARTITION BY s ORDER BY i)
        ELSE updated_seq END END AS at_seq
    FROM passed
  ), kept AS (
    INSERT INTO message_edits (message_id, seq, content, edited_at)
    SELECT id, at_seq, earlier, at FROM numbered WHERE is_new
  ), edited AS (
    UPDATE messages m SET content = n.content, edited_at = n.at, updated_seq = n.at_seq, mentions = n.mentions,
      mentions_all = coalesce((n.mentions->>'everyone')::boolean, false)
    FROM numbered n WHERE m.id = n.id AND n.is_new
  ), unmentioned AS (
    DELETE FROM mentions o USING numbered n, jsonb_array_elements_text(n.unmentioned) AS named(user_id)
    WHERE n.is_new AND o.user_id = named.user_id AND o.room_id = n.room_id AND o.seq = n.seq
  ), mentioned AS (
    INSERT INTO mentions (user_id, room_id, seq)
    SELECT named.user_id, n.room_id, n.seq FROM numbered n, jsonb_array_elements_text(n.mentioned) AS named(user_id)
    WHERE n.is_new ON CONFLICT DO NOTHING
  )
  SELECT
    (SELECT jsonb_agg(jsonb_build_object('i', i, 'status',
      CASE WHEN room_id IS NULL THEN 'not_found' WHEN has_others THEN 'stale' ELSE 'ok' END)) FROM judged),
    raise_heads_v1(heads, array_agg(s), array_agg(at_seq))
  INTO results, heads FROM numbered;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_deletes_v1(items jsonb, streams text[], starts bigint[], INOUT heads bigint[], OUT results jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH judged AS (
    SELECT x.*, m.room_id, m.seq, m.mentions, m.updated_seq, m.updated_seq <= starts[x.s] AS is_due,
      m.id IS NOT NULL AND m.deleted_at IS NULL AS is_new, t.has_others
    FROM jsonb_to_recordset(items) AS x(i int, s int, id text, known jsonb, at timestamptz)
    LEFT JOIN LATERAL (SELECT * FROM messages WHERE id = x.id OFFSET 0) m ON m.room_id = substr(streams[x.s], 6)
    -- Somebody was told of it who is not among those from whom that is taken back.
    CROSS JOIN LATERAL (SELECT count(*) > 0 AS has_others FROM notifications
      WHERE told_key(cause) = told_key('message:' || x.id) AND is_listed AND deleted_at IS NULL AND NOT x.known ? user_id) t
  ), passed AS (
    SELECT * FROM judged WHERE NOT has_others
  ), numbered AS (
    SELECT *, CASE WHEN is_new THEN CASE WHEN is_due
        THEN heads[s] + count(*) FILTER (WHERE is_new AND is_due) OVER (PARTITION BY s ORDER BY i)
        ELSE updated_seq END END AS at_seq
    FROM passed
  ), emptied AS (
    UPDATE messages m SET content = '', metadata = '{}', mentions = NULL, mentions_all = false, attachments = NULL,
      pinned_at = NULL, deleted_at = n.at, updated_seq = n.at_seq
    FROM numbered n WHERE m.id = n.id AND n.is_new
  ), edits AS (
    DELETE FROM message_edits e USING numbered n WHERE e.message_id = n.id AND n.is_new
  ), given AS (
    DELETE FROM reactions r USING numbered n WHERE r.message_id = n.id AND n.is_new
  ), hidden AS (
    -- Nobody gets them from now on; the bytes stay for those whose download is under way.
    UPDATE files f SET remove_at = n.at + interval '10 minutes' FROM numbered n WHERE f.message_id = n.id AND n.is_new
  ), unmentioned AS (
    DELETE FROM mentions o USING numbered n, jsonb_array_elements_text(n.mentions->'users') AS named(user_id)
    WHERE n.is_new AND o.user_id = named.user_id AND o.room_id = n.room_id AND o.seq = n.seq
  ), told AS (
    -- A record that is shown is withdrawn, now or in slices, under the lock of its person's stream: nobody else waits for
    -- it, and it is read through `notification_state`. One that is not shown is changed here alone, and keeps no word either.
    UPDATE notifications t SET title = '', content = '', metadata = '{}'
    FROM numbered n WHERE told_key(t.cause) = told_key('message:' || n.id) AND n.is_new AND NOT t.is_listed
  )
  SELECT
    (SELECT jsonb_agg(jsonb_build_object('i', i, 'status',
      CASE WHEN room_id IS NULL THEN 'not_found' WHEN has_others THEN 'stale' ELSE 'ok' END)) FROM judged),
    raise_heads_v1(heads, array_agg(s), array_agg(at_seq))
  INTO results, heads FROM numbered;
END $$;
--> statement-breakpoint
-- Of one message a step either gives reactions or takes them back, so the order among its items decides one thing only:
-- which of several new emoji are the last that the message has place for.
CREATE FUNCTION apply_reactions_v1(items jsonb, streams text[], starts bigint[], INOUT heads bigint[], OUT results jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH facts AS (
    SELECT x.*, m.room_id, m.updated_seq, m.updated_seq <= starts[x.s] AS is_due,
      (SELECT count(*) = 1 FROM reactions WHERE message_id = x.id AND emoji = x.emoji AND user_id = x."user") AS is_given,
      (SELECT count(*) = 1 FROM (SELECT 1 FROM reactions WHERE message_id = x.id AND emoji = x.emoji LIMIT 1) r) AS is_known,
      min(x.i) OVER (PARTITION BY x.id, x.emoji) AS first_i
    FROM jsonb_to_recordset(items) AS x(i int, s int, id text, "user" text, emoji text, "on" boolean, max int)
    LEFT JOIN LATERAL (SELECT * FROM messages WHERE id = x.id OFFSET 0) m
      ON m.room_id = substr(streams[x.s], 6) AND m.deleted_at IS NULL
  ), judged AS (
    SELECT *, CASE
        WHEN room_id IS NULL THEN 'not_found'
        WHEN "on" AND NOT is_known AND dense_rank() OVER (PARTITION BY id, is_known ORDER BY first_i)
          + (SELECT count(DISTINCT r.emoji) FROM reactions r WHERE r.message_id = facts.id) > max THEN 'too_many'
        ELSE 'ok'
      END AS status
    FROM facts
  ), effective AS (
    SELECT *, is_due AND row_number() OVER (PARTITION BY id ORDER BY i) = 1 AS is_moved
    FROM judged WHERE status = 'ok' AND "on" <> is_given
  ), numbered AS (
    SELECT *, heads[s] + count(*) FILTER (WHERE is_moved) OVER (PARTITION BY s ORDER BY i) AS at_seq FROM effective
  ), given AS (
    INSERT INTO reactions (message_id, emoji, user_id)
    SELECT id, emoji, "user" FROM numbered WHERE "on" ORDER BY i
  ), taken AS (
    DELETE FROM reactions r USING numbered n
    WHERE NOT n."on" AND r.message_id = n.id AND r.emoji = n.emoji AND r.user_id = n."user"
  ), moved AS (
    UPDATE messages m SET updated_seq = n.at_seq FROM numbered n WHERE m.id = n.id AND n.is_moved
  )
  SELECT
    (SELECT jsonb_agg(jsonb_build_object('i', i, 'status', status)) FROM judged),
    raise_heads_v1(heads, array_agg(s) FILTER (WHERE is_moved), array_agg(at_seq) FILTER (WHERE is_moved))
  INTO results, heads FROM numbered;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_pins_v1(items jsonb, streams text[], starts bigint[], INOUT heads bigint[], OUT results jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH judged AS (
    SELECT x.*, m.room_id, m.updated_seq, m.updated_seq <= starts[x.s] AS is_due,
      m.id IS NOT NULL AND (m.pinned_at IS NOT NULL) <> x."on" AS is_new
    FROM jsonb_to_recordset(items) AS x(i int, s int, id text, "on" boolean, at timestamptz)
    LEFT JOIN LATERAL (SELECT * FROM messages WHERE id = x.id OFFSET 0) m
      ON m.room_id = substr(streams[x.s], 6) AND m.deleted_at IS NULL
  ), numbered AS (
    SELECT *, CASE WHEN is_new THEN CASE WHEN is_due
        THEN heads[s] + count(*) FILTER (WHERE is_new AND is_due) OVER (PARTITION BY s ORDER BY i)
        ELSE updated_seq END END AS at_seq
    FROM judged
  ), pinned AS (
    UPDATE messages m SET pinned_at = CASE WHEN n."on" THEN n.at END, updated_seq = n.at_seq
    FROM numbered n WHERE m.id = n.id AND n.is_new
  )
  SELECT
    jsonb_agg(jsonb_build_object('i', i, 'status', CASE WHEN room_id IS NULL THEN 'not_found' ELSE 'ok' END)),
    raise_heads_v1(heads, array_agg(s), array_agg(at_seq))
  INTO results, heads FROM numbered;
END $$;
--> statement-breakpoint
-- Read markers; `changes` are those that people's other devices are told of.
CREATE FUNCTION apply_marks_v1(items jsonb, starts bigint[], INOUT heads bigint[], OUT results jsonb, OUT changes jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH facts AS (
    SELECT x.i, x.s, x."user", x.room, m.role, coalesce(r.seq, 0) AS earlier, least(x.seq, t.head) AS target,
      r.user_seq,
      -- A position of this batch is kept, unless it is that of becoming a member, which tells of the marker as it was then.
      r.user_seq IS NULL OR r.user_seq <= starts[x.s] OR r.user_seq = m.user_seq AS is_due
    FROM jsonb_to_recordset(items) AS x(i int, s int, "user" text, room text, seq bigint)
    LEFT JOIN members m ON m.user_id = x."user" AND m.room_id = x.room AND m.role IS NOT NULL
    LEFT JOIN streams t ON t.id = 'room:' || x.room
    LEFT JOIN read_markers r ON r.user_id = x."user" AND r.room_id = x.room
  ), judged AS (
    SELECT *, role IS NOT NULL AND target > earlier AS is_new FROM facts
  ), numbered AS (
    SELECT *, CASE WHEN is_new THEN CASE WHEN is_due
        THEN heads[s] + count(*) FILTER (WHERE is_new AND is_due) OVER (PARTITION BY s ORDER BY i)
        ELSE user_seq END END AS at_seq
    FROM judged
  ), moved AS (
    INSERT INTO read_markers (user_id, room_id, seq, user_seq)
    SELECT "user", room, target, at_seq FROM numbered WHERE is_new
    ON CONFLICT (user_id, room_id) DO UPDATE SET seq = excluded.seq, user_seq = excluded.user_seq
  )
  SELECT
    jsonb_agg(CASE WHEN role IS NULL THEN jsonb_build_object('i', i, 'status', 'not_found')
      ELSE jsonb_build_object('i', i, 'status', 'ok', 'seq', greatest(target, earlier)) END),
    coalesce(jsonb_agg(jsonb_build_object('s', s, 'kind', 'marker', 'room', room))
      FILTER (WHERE is_new OR user_seq > starts[s]), '[]'),
    raise_heads_v1(heads, array_agg(s), array_agg(at_seq))
  INTO results, changes, heads FROM numbered;
END $$;
--> statement-breakpoint
-- Reading a room up to a message reads what was told of it and of earlier ones.
CREATE FUNCTION read_by_marks_v1(items jsonb, results jsonb, INOUT heads bigint[], INOUT told int[])
LANGUAGE plpgsql AS $$
BEGIN
  WITH due AS (
    SELECT t.id, t.seq, x.s, x.at
    FROM jsonb_to_recordset(items) AS x(i int, s int, "user" text, room text, at timestamptz)
    JOIN jsonb_to_recordset(results) AS r(i int, status text, seq bigint) ON r.i = x.i AND r.status = 'ok'
    JOIN notifications t ON t.user_id = x."user" AND t.room_id = x.room AND t.message_seq <= r.seq AND t.is_listed
      AND t.deleted_at IS NULL AND t.read_at IS NULL
  ), numbered AS (
    SELECT *, heads[s] + row_number() OVER (PARTITION BY s ORDER BY seq) AS at_seq FROM due
  ), read AS (
    UPDATE notifications t SET read_at = n.at, user_seq = n.at_seq FROM numbered n WHERE t.id = n.id
  )
  SELECT raise_heads_v1(heads, array_agg(s), array_agg(at_seq)), told || coalesce(array_agg(s), '{}')
  INTO heads, told FROM numbered;
END $$;
--> statement-breakpoint
-- Notifications that their person has read or deleted, one by one.
CREATE FUNCTION apply_inbox_v1(items jsonb, INOUT heads bigint[], INOUT told int[], OUT results jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH judged AS (
    SELECT x.*, t.read_at, t.id IS NOT NULL AND (x.change = 'delete' OR t.deleted_at IS NULL) AS is_there,
      t.id IS NOT NULL AND t.deleted_at IS NULL AND (x.change = 'delete' OR t.read_at IS NULL) AS is_new
    FROM jsonb_to_recordset(items) AS x(i int, s int, "user" text, id text, change text, at timestamptz)
    LEFT JOIN LATERAL (SELECT * FROM notifications WHERE id = x.id OFFSET 0) t ON t.user_id = x."user" AND t.is_listed
  ), numbered AS (
    SELECT *, heads[s] + count(*) FILTER (WHERE is_new) OVER (PARTITION BY s ORDER BY i) AS at_seq FROM judged
  ), changed AS (
    UPDATE notifications t SET user_seq = n.at_seq,
      read_at = CASE WHEN n.change = 'read' THEN n.at ELSE t.read_at END,
      deleted_at = CASE WHEN n.change = 'delete' THEN n.at END,
      title = CASE WHEN n.change = 'delete' THEN '' ELSE t.title END,
      content = CASE WHEN n.change = 'delete' THEN '' ELSE t.content END,
      metadata = CASE WHEN n.change = 'delete' THEN '{}' ELSE t.metadata END
    FROM numbered n WHERE t.id = n.id AND n.is_new
  )
  SELECT
    jsonb_agg(jsonb_build_object('i', i, 'status', CASE WHEN is_there THEN 'ok' ELSE 'not_found' END,
      'readAt', coalesce(read_at, at))),
    raise_heads_v1(heads, array_agg(s) FILTER (WHERE is_new), array_agg(at_seq) FILTER (WHERE is_new)),
    told || array_agg(s)
  INTO results, heads, told FROM numbered;
END $$;
--> statement-breakpoint
-- All of a person's notifications are read: one change, whose position all of them share.
CREATE FUNCTION apply_read_all_v1(items jsonb, INOUT heads bigint[], INOUT told int[], OUT results jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  WITH judged AS (
    SELECT x.*, unread_notifications_v1(x."user") > 0 AS is_new
    FROM jsonb_to_recordset(items) AS x(i int, s int, "user" text, at timestamptz)
  ), numbered AS (
    SELECT *, heads[s] + 1 AS at_seq FROM judged WHERE is_new
  ), read AS (
    UPDATE notifications t SET read_at = n.at, user_seq = n.at_seq FROM numbered n
    WHERE t.user_id = n."user" AND t.is_listed AND t.deleted_at IS NULL AND t.read_at IS NULL
  ), noted AS (
    INSERT INTO notification_settings (user_id, read_all_seq, read_all_at) SELECT "user", at_seq, at FROM numbered
    ON CONFLICT (user_id) DO UPDATE SET read_all_seq = excluded.read_all_seq, read_all_at = excluded.read_all_at
  )
  SELECT
    (SELECT jsonb_agg(jsonb_build_object('i', i, 'status', 'ok', 'readAt', at)) FROM judged),
    raise_heads_v1(heads, array_agg(s), array_agg(at_seq)),
    told || (SELECT array_agg(s) FROM judged)
  INTO results, heads, told FROM numbered;
END $$;
--> statement-breakpoint
-- Stores, with its cause, work that one commit cannot hold.
CREATE FUNCTION add_jobs_v1(jobs jsonb, results jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO room_jobs (id, room_id, kind, notice, excluded_ids, created_at)
  SELECT x.id, x.room, x.kind, jsonb_build_object('messageSeq', r.seq) || x.notice, x.excluded, x.at
  FROM jsonb_to_recordset(jobs) AS x(i int, id text, room text, kind text, notice jsonb, excluded text[], at timestamptz)
  JOIN jsonb_to_recordset(results) AS r(i int, status text, seq bigint) ON r.i = x.i AND r.status = 'ok'
$$;
--> statement-breakpoint
-- A room job has come so far. What a slice tells comes in the same transaction, so a job goes on exactly where it was.
CREATE FUNCTION apply_slice_v1(item jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE room_jobs SET after_user_id = item->>'afterUserId', told_count = told_count + (item->>'toldCount')::int,
    leased_until = (item->>'leasedUntil')::timestamptz
  WHERE id = item->>'jobId' AND done_at IS NULL AND after_user_id < item->>'afterUserId';
  RETURN jsonb_build_array(jsonb_build_object('i', item->'i', 'status', CASE WHEN FOUND THEN 'ok' ELSE 'not_found' END));
END $$;
--> statement-breakpoint
-- How a person wants to be told: of everything, or of one room. `raised` says that others' messages in that room are to be
-- judged anew, because they tell this person from now on, or no more.
CREATE FUNCTION apply_preferences_v1(item jsonb, INOUT heads bigint[], INOUT told int[], OUT raised boolean,
  OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  s int := (item->>'s')::int;
  earlier text;
BEGIN
  raised := false;
  result := '{"status": "ok"}';
  told := told || s;
  IF item ? 'room' THEN
    IF (SELECT role FROM members WHERE room_id = item->>'room' AND user_id = item->>'user') IS NULL THEN
      result := '{"status": "not_found"}';
      RETURN;
    END IF;
    SELECT level INTO earlier FROM room_preferences WHERE user_id = item->>'user' AND room_id = item->>'room';
    INSERT INTO room_preferences AS r (user_id, room_id, level, muted_until, user_seq)
    VALUES (item->>'user', item->>'room', item->>'level', (item->>'mutedUntil')::timestamptz, heads[s] + 1)
    ON CONFLICT (user_id, room_id) DO UPDATE SET user_seq = excluded.user_seq,
      level = CASE WHEN item ? 'level' THEN excluded.level ELSE r.level END,
      muted_until = CASE WHEN item ? 'mutedUntil' THEN excluded.muted_until ELSE r.muted_until END
    WHERE (item ? 'level' AND r.level IS DISTINCT FROM excluded.level)
      OR (item ? 'mutedUntil' AND r.muted_until IS DISTINCT FROM excluded.muted_until);
    raised := FOUND AND item ? 'level' AND (earlier = 'all') IS DISTINCT FROM (item->>'level' = 'all');
  ELSE
    INSERT INTO notification_settings AS g (user_id, overrides, user_seq)
    VALUES (item->>'user', item->'overrides', heads[s] + 1)
    ON CONFLICT (user_id) DO UPDATE SET overrides = g.overrides || excluded.overrides, user_seq = excluded.user_seq
    WHERE g.overrides || excluded.overrides <> g.overrides;
  END IF;
  IF FOUND THEN heads[s] := heads[s] + 1; END IF;
END $$;
--> statement-breakpoint
-- Makes, changes or ends one membership. `member_seqs` holds the position that all member changes of a room share in this
-- batch, null until the first; `raised` says that somebody lost a right.
CREATE FUNCTION apply_member_v1(item jsonb, streams text[], INOUT heads bigint[], INOUT member_seqs bigint[],
  OUT raised boolean, OUT result jsonb, OUT changes jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  s int := (item->>'s')::int;
  u int := (item->>'u')::int;
  room text := substr(streams[s], 6);
  present text;
  wanted text := item->>'role';
BEGIN
  raised := false;
  changes := '[]';
  IF heads[u] IS NULL THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  SELECT role INTO present FROM members WHERE room_id = room AND user_id = item->>'user';
  result := '{"status": "ok"}';
  IF present IS NOT DISTINCT FROM wanted OR (item->>'kind' = 'join' AND present IS NOT NULL) THEN
    result := '{"status": "ok", "isNew": false}';
    RETURN;
  END IF;
  IF item->>'kind' <> 'join' AND present IS DISTINCT FROM item->>'expected' THEN
    result := '{"status": "stale"}';
    RETURN;
  END IF;
  IF present = 'owner' AND NOT EXISTS (
    SELECT 1 FROM members WHERE room_id = room AND role = 'owner' AND user_id <> item->>'user') THEN
    result := '{"status": "last_owner"}';
    RETURN;
  END IF;
  IF item ? 'invite' THEN
    UPDATE invites SET uses = uses + 1
    WHERE code = item->>'invite' AND room_id = room AND (expires_at IS NULL OR expires_at > (item->>'at')::timestamptz)
      AND (max_uses IS NULL OR uses < max_uses);
    IF NOT FOUND THEN
      result := '{"status": "invite_void"}';
      RETURN;
    END IF;
  END IF;
  IF member_seqs[s] IS NULL THEN
    heads[s] := heads[s] + 1;
    member_seqs[s] := heads[s];
  END IF;
  -- A new role is told on the person's own stream too: they may not have the room open.
  heads[u] := heads[u] + 1;
  changes := jsonb_build_array(jsonb_build_object('s', u, 'kind', 'membership', 'seq', heads[u], 'room', room,
    'role', item->'role'));
  INSERT INTO members (room_id, user_id, role, joined_at, updated_seq, user_seq)
  VALUES (room, item->>'user', wanted, (item->>'at')::timestamptz, member_seqs[s], heads[u])
  ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role, updated_seq = excluded.updated_seq,
    joined_at = CASE WHEN members.role IS NULL THEN excluded.joined_at ELSE members.joined_at END,
    user_seq = excluded.user_seq;
  IF present IS NULL THEN
    UPDATE rooms SET member_count = member_count + 1 WHERE id = room;
    INSERT INTO read_markers (user_id, room_id, seq, user_seq) VALUES (item->>'user', room, heads[s], heads[u])
    ON CONFLICT (user_id, room_id) DO UPDATE
      SET seq = greatest(read_markers.seq, excluded.seq), user_seq = excluded.user_seq;
  ELSIF wanted IS NULL THEN
    UPDATE rooms SET member_count = member_count - 1 WHERE id = room;
  END IF;
  raised := present IS NOT NULL;
  result := jsonb_build_object('status', 'ok', 'seq', member_seqs[s]);
END $$;
--> statement-breakpoint
-- A member's name or picture has changed in `users`.
CREATE FUNCTION apply_rename_v1(item jsonb, streams text[], INOUT heads bigint[], INOUT member_seqs bigint[],
  OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  s int := (item->>'s')::int;
BEGIN
  result := '{"status": "ok"}';
  UPDATE members SET updated_seq = coalesce(member_seqs[s], heads[s] + 1)
  WHERE room_id = substr(streams[s], 6) AND user_id = item->>'user' AND role IS NOT NULL;
  IF FOUND AND member_seqs[s] IS NULL THEN
    heads[s] := heads[s] + 1;
    member_seqs[s] := heads[s];
  END IF;
END $$;
--> statement-breakpoint
-- Changes the room's own row; archiving takes the right to post away.
CREATE FUNCTION apply_room_v1(item jsonb, streams text[], starts bigint[], INOUT heads bigint[], OUT raised boolean,
  OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  s int := (item->>'s')::int;
  room text := substr(streams[s], 6);
BEGIN
  raised := false;
  result := '{"status": "ok"}';
  UPDATE rooms SET
    name = coalesce(item->>'name', name),
    description = CASE WHEN item ? 'description' THEN nullif(item->>'description', '') ELSE description END,
    archived_at = coalesce(archived_at, (item->>'archivedAt')::timestamptz),
    updated_seq = CASE WHEN updated_seq > starts[s] THEN updated_seq ELSE heads[s] + 1 END
  WHERE id = room AND (
    (item ? 'name' AND name <> item->>'name')
    OR (item ? 'description' AND coalesce(description, '') <> item->>'description')
    OR (item ? 'archivedAt' AND archived_at IS NULL));
  IF FOUND THEN
    heads[s] := (SELECT greatest(heads[s], updated_seq) FROM rooms WHERE id = room);
    raised := item ? 'archivedAt';
  END IF;
END $$;
--> statement-breakpoint
-- Makes a room with its first members at position 0. The same direct conversation is made once.
CREATE FUNCTION apply_create_v1(item jsonb, INOUT heads bigint[], OUT result jsonb, OUT changes jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  existing text;
  person jsonb;
  u int;
BEGIN
  changes := '[]';
  SELECT id INTO existing FROM rooms WHERE id = item->>'room' OR direct_key = item->>'directKey';
  IF FOUND THEN
    result := jsonb_build_object('status', 'ok', 'id', existing, 'isNew', false);
    RETURN;
  END IF;
  INSERT INTO streams (id) VALUES ('room:' || (item->>'room'));
  INSERT INTO rooms (id, name, type, description, direct_key, member_count, created_by, created_at)
  VALUES (item->>'room', item->>'name', item->>'type', item->>'description', item->>'directKey',
    jsonb_array_length(item->'people'), item->>'user', (item->>'at')::timestamptz);
  FOR person IN SELECT value FROM jsonb_array_elements(item->'people') LOOP
    u := (person->>'u')::int;
    heads[u] := heads[u] + 1;
    INSERT INTO members (room_id, user_id, role, joined_at, updated_seq, user_seq)
    VALUES (item->>'room', person->>'user', person->>'role', (item->>'at')::timestamptz, 0, heads[u]);
    INSERT INTO read_markers (user_id, room_id, seq, user_seq) VALUES (person->>'user', item->>'room', 0, heads[u]);
    changes := changes || jsonb_build_object('s', u, 'kind', 'membership', 'seq', heads[u], 'room', item->>'room',
      'role', person->'role');
  END LOOP;
  result := jsonb_build_object('status', 'ok', 'id', item->>'room');
END $$;
--> statement-breakpoint
-- What has changed for people on their own streams, apart from memberships and markers, as their listeners are told of it.
CREATE FUNCTION told_v1(told int[], streams text[], starts bigint[]) RETURNS json
LANGUAGE plpgsql AS $$
BEGIN
  RETURN json_build_object(
    'people', (SELECT json_agg(json_build_object('userId', substr(streams[w.s], 6), 'since', starts[w.s],
        'unread', unread_notifications_v1(substr(streams[w.s], 6)), 'overrides', g.overrides,
        'overridesSeq', coalesce(g.user_seq, 0), 'readAllSeq', coalesce(g.read_all_seq, 0), 'readAllAt', g.read_all_at))
      FROM (SELECT DISTINCT unnest(told) AS s) w
      LEFT JOIN notification_settings g ON g.user_id = substr(streams[w.s], 6)),
    'notifications', (SELECT json_agg(row_to_json(n)) FROM (SELECT DISTINCT unnest(told) AS s) w
      LEFT JOIN notification_settings g ON g.user_id = substr(streams[w.s], 6)
      JOIN notification_state n ON n.user_id = substr(streams[w.s], 6) AND n.user_seq > starts[w.s]
      WHERE n.seq > starts[w.s] OR n.user_seq <> coalesce(g.read_all_seq, 0)),
    'roomPreferences', (SELECT json_agg(row_to_json(r)) FROM (SELECT DISTINCT unnest(told) AS s) w
      JOIN room_preferences r ON r.user_id = substr(streams[w.s], 6) AND r.user_seq > starts[w.s]));
END $$;
--> statement-breakpoint
-- One batch of changes to rooms and to people's own streams, step by step. See hot-path/group-commit.ts for the caller.
-- The first statements take the locks; every later statement has a newer snapshot and so sees what the lock waited for.
CREATE FUNCTION commit_chat_v1(p_writer text, p_generation bigint, p_batch bigint, p_streams text[], p_steps jsonb)
RETURNS json LANGUAGE plpgsql
-- Plans are made once per connection, perhaps while the tables are still empty: they must look rows up by their index, item
-- by item, and never read a table whole.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET jit = off
AS $$
DECLARE
  heads bigint[];
  starts bigint[];
  fences bigint[];
  member_seqs bigint[];
  stale_pairs text[] := '{}';
  results jsonb := '[]';
  changes jsonb := '[]';
  touched text[] := '{}';
  shown_rooms text[] := '{}';
  told int[] := '{}';
  step jsonb;
  items jsonb;
  item jsonb;
  result jsonb;
  more jsonb;
  ids text[];
  s int;
  raised boolean;
BEGIN
  UPDATE writers SET batch = p_batch WHERE node = p_writer AND generation = p_generation;
  IF NOT FOUND THEN RAISE EXCEPTION 'writer % is fenced', p_writer USING ERRCODE = 'MR001'; END IF;
  PERFORM 1 FROM streams WHERE id = ANY (p_streams) ORDER BY id FOR NO KEY UPDATE;

  SELECT array_agg(t.head ORDER BY w.i), array_agg(t.fence ORDER BY w.i), array_agg(NULL::bigint ORDER BY w.i)
  INTO heads, fences, member_seqs
  FROM unnest(p_streams) WITH ORDINALITY AS w(id, i) LEFT JOIN streams t ON t.id = w.id;
  starts := heads;

  FOR step IN SELECT value FROM jsonb_array_elements(p_steps) LOOP
    SELECT * INTO stale_pairs, items, result FROM judge_step_v1(step->'items', heads, fences, stale_pairs);
    results := results || result;
    CONTINUE WHEN items IS NULL;
    CASE step->>'op'
    WHEN 'send' THEN
      IF step ? 'files' THEN
        PERFORM 1 FROM files WHERE id = ANY (ARRAY(SELECT jsonb_array_elements_text(step->'files')))
        ORDER BY id FOR NO KEY UPDATE;
      END IF;
      SELECT * INTO heads, result, ids FROM apply_sends_v1(items, p_streams, heads);
      touched := touched || ids;
    WHEN 'edit' THEN
      SELECT * INTO heads, result FROM apply_edits_v1(items, p_streams, starts, heads);
    WHEN 'delete' THEN
      SELECT * INTO heads, result FROM apply_deletes_v1(items, p_streams, starts, heads);
    WHEN 'react' THEN
      SELECT * INTO heads, result FROM apply_reactions_v1(items, p_streams, starts, heads);
    WHEN 'pin' THEN
      SELECT * INTO heads, result FROM apply_pins_v1(items, p_streams, starts, heads);
    WHEN 'mark' THEN
      SELECT * INTO heads, result, more FROM apply_marks_v1(items, starts, heads);
      changes := changes || more;
      SELECT * INTO heads, told FROM read_by_marks_v1(items, result, heads, told);
    WHEN 'notify' THEN
      SELECT jsonb_agg(jsonb_build_object('i', value->'i', 'status', 'ok')) INTO result FROM jsonb_array_elements(items);
    WHEN 'slice' THEN
      item := items->0;
      result := apply_slice_v1(item);
    WHEN 'inbox' THEN
      SELECT * INTO heads, told, result FROM apply_inbox_v1(items, heads, told);
    WHEN 'read_all' THEN
      SELECT * INTO heads, told, result FROM apply_read_all_v1(items, heads, told);
    WHEN 'prefer' THEN
      item := items->0;
      SELECT * INTO heads, told, raised, result FROM apply_preferences_v1(item, heads, told);
      s := (item->>'r')::int;
      IF raised THEN fences[s] := fences[s] + 1; END IF;
      result := jsonb_build_array(result || jsonb_build_object('i', item->'i'));
    ELSE
      -- The rest comes one item to a step: what it changes, the next one may depend on.
      item := items->0;
      s := (item->>'s')::int;
      raised := false;
      CASE step->>'op'
      WHEN 'member' THEN
        SELECT * INTO heads, member_seqs, raised, result, more FROM apply_member_v1(item, p_streams, heads, member_seqs);
        changes := changes || more;
      WHEN 'rename' THEN
        SELECT * INTO heads, member_seqs, result FROM apply_rename_v1(item, p_streams, heads, member_seqs);
      WHEN 'room' THEN
        SELECT * INTO heads, raised, result FROM apply_room_v1(item, p_streams, starts, heads);
      WHEN 'create' THEN
        SELECT * INTO heads, result, more FROM apply_create_v1(item, heads);
        changes := changes || more;
      END CASE;
      shown_rooms := shown_rooms || coalesce(item->>'room', substr(p_streams[s], 6));
      IF raised THEN fences[s] := fences[s] + 1; END IF;
      result := jsonb_build_array(result || jsonb_build_object('i', item->'i'));
    END CASE;
    results := results || result;
    IF step->>'op' IN ('edit', 'delete', 'react', 'pin') THEN
      touched := touched || (SELECT array_agg(value->>'id') FROM jsonb_array_elements(items));
    END IF;
    IF result @> '[{"status": "stale"}]' THEN
      stale_pairs := stale_pairs || (SELECT array_agg(x.pair) FROM jsonb_to_recordset(items) AS x(i int, pair text)
        JOIN jsonb_to_recordset(result) AS r(i int, status text) ON r.i = x.i AND r.status = 'stale'
        WHERE x.pair IS NOT NULL);
    END IF;
    IF step ? 'notices' THEN SELECT * INTO heads, told FROM notify_v1(step->'notices', result, heads, told); END IF;
    IF step ? 'jobs' THEN PERFORM add_jobs_v1(step->'jobs', result); END IF;
    IF step ? 'withdrawals' THEN
      SELECT * INTO heads, told FROM withdraw_v1(step->'withdrawals', result, heads, told);
    END IF;
  END LOOP;

  UPDATE streams SET head = w.head, fence = w.fence
  FROM unnest(p_streams, heads, fences) AS w(id, head, fence)
  WHERE streams.id = w.id AND (streams.head <> w.head OR streams.fence <> w.fence);

  RETURN json_build_object(
    'results', results,
    'changes', changes,
    'messages', (SELECT json_agg(row_to_json(m)) FROM message_state m WHERE m.id = ANY (touched)),
    'markers', (SELECT json_agg(json_build_object('s', w.s, 'roomId', r.room_id, 'userSeq', r.user_seq, 'seq', r.seq,
        'unread', n.unread, 'mentions', n.mentions))
      FROM (SELECT DISTINCT c.s, c.room FROM jsonb_to_recordset(changes) AS c(s int, kind text, room text)
        WHERE c.kind = 'marker') w
      JOIN read_markers r ON r.user_id = substr(p_streams[w.s], 6) AND r.room_id = w.room
      CROSS JOIN LATERAL unread_v1(r.user_id, r.room_id, r.seq) n),
    'members', (SELECT json_agg(row_to_json(m)) FROM unnest(p_streams, member_seqs) AS w(id, seq)
      JOIN member_state m ON m.room_id = substr(w.id, 6) AND m.updated_seq = w.seq
      WHERE w.seq IS NOT NULL AND w.id LIKE 'room:%'),
    'rooms', (SELECT json_agg(row_to_json(r)) FROM room_state r WHERE r.id = ANY (shown_rooms)),
    'own', CASE WHEN told <> '{}' THEN told_v1(told, p_streams, starts) END);
END $$;
