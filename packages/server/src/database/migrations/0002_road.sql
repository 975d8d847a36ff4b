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
-- One value for «this author's nonce in this room», so that exactly one index can answer for it, statistics or none.
CREATE FUNCTION nonce_key(room_id text, user_id text, nonce text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT room_id || E'\n' || user_id || E'\n' || nonce $$;
--> statement-breakpoint
CREATE UNIQUE INDEX messages_nonce ON messages (nonce_key(room_id, user_id, nonce)) WHERE nonce IS NOT NULL;
--> statement-breakpoint
-- A deletion empties what was told of a message, to whomever it was told.
CREATE INDEX notifications_told ON notifications (cause);
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
-- Each apply_* function writes the rows of one kind of item. `head` goes in as the stream's last position and comes out
-- raised by what was used; `start` is the position before the batch: an entity already above it shares its position.
CREATE FUNCTION apply_send_v1(item jsonb, room text, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  earlier record;
BEGIN
  IF item ? 'nonce' THEN
    SELECT id, body_hash INTO earlier FROM messages
    WHERE nonce_key(room_id, user_id, nonce) = nonce_key(room, item->>'user', item->>'nonce') AND nonce IS NOT NULL;
    IF FOUND THEN
      result := jsonb_build_object(
        'status', CASE WHEN earlier.body_hash = item->>'hash' THEN 'duplicate' ELSE 'nonce_conflict' END,
        'id', earlier.id);
      RETURN;
    END IF;
  END IF;
  IF item ? 'replyTo' AND room IS DISTINCT FROM (SELECT room_id FROM messages WHERE id = item->>'replyTo')
    OR item ? 'threadId' AND room IS DISTINCT FROM (SELECT room_id FROM messages WHERE id = item->>'threadId') THEN
    result := '{"status": "reference_not_found"}';
    RETURN;
  END IF;
  head := head + 1;
  INSERT INTO messages (id, room_id, user_id, username, seq, updated_seq, type, content, metadata, nonce, body_hash,
    reply_to, thread_id, mentions, mentions_all, created_at)
  VALUES (item->>'id', room, item->>'user', item->>'username', head, head, item->>'type', item->>'content',
    coalesce(item->'metadata', '{}'), item->>'nonce', item->>'hash', item->>'replyTo', item->>'threadId',
    item->'mentions', coalesce((item->'mentions'->>'everyone')::boolean, false), (item->>'at')::timestamptz);
  IF item ? 'mentioned' THEN
    INSERT INTO mentions (user_id, room_id, seq)
    SELECT user_id, room, head FROM jsonb_array_elements_text(item->'mentioned') AS named(user_id);
  END IF;
  result := jsonb_build_object('status', 'ok', 'seq', head);
END $$;
--> statement-breakpoint
-- The next position for a message that changes: its own of this batch, or one more.
CREATE FUNCTION touch_message_v1(message_id text, start bigint, INOUT head bigint)
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messages SET updated_seq = head + 1 WHERE id = message_id AND updated_seq <= start;
  IF FOUND THEN head := head + 1; END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_edit_v1(item jsonb, room text, start bigint, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  message record;
BEGIN
  SELECT id, room_id, user_id, seq, content, deleted_at INTO message FROM messages WHERE id = item->>'id';
  IF NOT FOUND OR message.room_id <> room OR message.deleted_at IS NOT NULL OR message.user_id <> item->>'user' THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  result := '{"status": "ok"}';
  IF message.content = item->>'content' THEN RETURN; END IF;
  head := touch_message_v1(message.id, start, head);
  INSERT INTO message_edits (message_id, seq, content, edited_at)
  VALUES (message.id, head, message.content, (item->>'at')::timestamptz) ON CONFLICT DO NOTHING;
  UPDATE messages SET content = item->>'content', edited_at = (item->>'at')::timestamptz, mentions = item->'mentions',
    mentions_all = coalesce((item->'mentions'->>'everyone')::boolean, false)
  WHERE id = message.id;
  DELETE FROM mentions WHERE room_id = room AND seq = message.seq
    AND user_id IN (SELECT jsonb_array_elements_text(item->'unmentioned'));
  INSERT INTO mentions (user_id, room_id, seq)
  SELECT user_id, room, message.seq FROM jsonb_array_elements_text(item->'mentioned') AS named(user_id)
  ON CONFLICT DO NOTHING;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_delete_v1(item jsonb, room text, start bigint, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  message record;
BEGIN
  SELECT id, room_id, seq, deleted_at, mentions INTO message FROM messages WHERE id = item->>'id';
  IF NOT FOUND OR message.room_id <> room THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  result := '{"status": "ok"}';
  IF message.deleted_at IS NOT NULL THEN RETURN; END IF;
  head := touch_message_v1(message.id, start, head);
  UPDATE messages SET content = '', metadata = '{}', mentions = NULL, mentions_all = false, attachments = NULL,
    pinned_at = NULL, deleted_at = (item->>'at')::timestamptz
  WHERE id = message.id;
  DELETE FROM message_edits WHERE message_id = message.id;
  DELETE FROM reactions WHERE message_id = message.id;
  DELETE FROM mentions WHERE room_id = room AND seq = message.seq
    AND user_id IN (SELECT jsonb_array_elements_text(message.mentions->'users'));
  UPDATE notifications SET content = '' WHERE cause = 'mention:' || message.id;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_reaction_v1(item jsonb, room text, start bigint, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  changed int;
BEGIN
  IF room IS DISTINCT FROM (SELECT room_id FROM messages WHERE id = item->>'id' AND deleted_at IS NULL) THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  IF (item->>'on')::boolean THEN
    IF NOT EXISTS (SELECT 1 FROM reactions WHERE message_id = item->>'id' AND emoji = item->>'emoji')
      AND (SELECT count(DISTINCT emoji) FROM reactions WHERE message_id = item->>'id') >= (item->>'max')::int THEN
      result := '{"status": "too_many"}';
      RETURN;
    END IF;
    INSERT INTO reactions (message_id, emoji, user_id) VALUES (item->>'id', item->>'emoji', item->>'user')
    ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM reactions WHERE message_id = item->>'id' AND emoji = item->>'emoji' AND user_id = item->>'user';
  END IF;
  GET DIAGNOSTICS changed = ROW_COUNT;
  result := '{"status": "ok"}';
  IF changed > 0 THEN head := touch_message_v1(item->>'id', start, head); END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_pin_v1(item jsonb, room text, start bigint, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  result := '{"status": "ok"}';
  IF room IS DISTINCT FROM (SELECT room_id FROM messages WHERE id = item->>'id' AND deleted_at IS NULL) THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  UPDATE messages SET pinned_at = CASE WHEN (item->>'on')::boolean THEN (item->>'at')::timestamptz END
  WHERE id = item->>'id' AND (pinned_at IS NOT NULL) <> (item->>'on')::boolean;
  IF FOUND THEN head := touch_message_v1(item->>'id', start, head); END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION apply_mark_v1(item jsonb, start bigint, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  marker record;
  target bigint;
  at bigint;
BEGIN
  SELECT m.role, m.user_seq AS member_seq, coalesce(r.seq, 0) AS seq, r.user_seq, s.head AS room_head INTO marker
  FROM members m JOIN streams s ON s.id = 'room:' || m.room_id
  LEFT JOIN read_markers r ON r.user_id = m.user_id AND r.room_id = m.room_id
  WHERE m.user_id = item->>'user' AND m.room_id = item->>'room';
  IF NOT FOUND OR marker.role IS NULL THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  target := least((item->>'seq')::bigint, marker.room_head);
  IF target > marker.seq THEN
    -- A position of this batch is kept, unless it is that of becoming a member, which tells of the marker as it was then.
    at := marker.user_seq;
    IF at IS NULL OR at <= start OR at = marker.member_seq THEN
      head := head + 1;
      at := head;
    END IF;
    INSERT INTO read_markers (user_id, room_id, seq, user_seq)
    VALUES (item->>'user', item->>'room', target, at)
    ON CONFLICT (user_id, room_id) DO UPDATE SET seq = excluded.seq, user_seq = excluded.user_seq;
  END IF;
  result := jsonb_build_object('status', 'ok', 'seq', greatest(target, marker.seq));
END $$;
--> statement-breakpoint
-- Makes, changes or ends one membership. `member_seq` is the position that all member changes of the room share in this
-- batch, null until the first; `raised` says that somebody lost a right.
CREATE FUNCTION apply_member_v1(item jsonb, room text, INOUT head bigint, INOUT member_seq bigint,
  INOUT user_head bigint, OUT raised boolean, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  present text;
  wanted text := item->>'role';
BEGIN
  raised := false;
  SELECT role INTO present FROM members WHERE room_id = room AND user_id = item->>'user';
  result := '{"status": "ok"}';
  IF present IS NOT DISTINCT FROM wanted OR (item->>'kind' = 'join' AND present IS NOT NULL) THEN RETURN; END IF;
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
  IF member_seq IS NULL THEN
    head := head + 1;
    member_seq := head;
  END IF;
  IF present IS NULL OR wanted IS NULL THEN user_head := user_head + 1; END IF;
  INSERT INTO members (room_id, user_id, role, joined_at, updated_seq, user_seq)
  VALUES (room, item->>'user', wanted, (item->>'at')::timestamptz, member_seq, user_head)
  ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role, updated_seq = excluded.updated_seq,
    joined_at = CASE WHEN members.role IS NULL THEN excluded.joined_at ELSE members.joined_at END,
    user_seq = CASE WHEN members.role IS NULL OR excluded.role IS NULL THEN excluded.user_seq ELSE members.user_seq END;
  IF present IS NULL THEN
    UPDATE rooms SET member_count = member_count + 1 WHERE id = room;
    INSERT INTO read_markers (user_id, room_id, seq, user_seq) VALUES (item->>'user', room, head, user_head)
    ON CONFLICT (user_id, room_id) DO UPDATE
      SET seq = greatest(read_markers.seq, excluded.seq), user_seq = excluded.user_seq;
  ELSIF wanted IS NULL THEN
    UPDATE rooms SET member_count = member_count - 1 WHERE id = room;
  END IF;
  raised := present IS NOT NULL;
  result := jsonb_build_object('status', 'ok', 'seq', member_seq);
END $$;
--> statement-breakpoint
-- Changes the room's own row; archiving takes the right to post away.
CREATE FUNCTION apply_room_v1(item jsonb, room text, start bigint, INOUT head bigint, OUT raised boolean, OUT result jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  raised := false;
  result := '{"status": "ok"}';
  UPDATE rooms SET
    name = coalesce(item->>'name', name),
    description = CASE WHEN item ? 'description' THEN nullif(item->>'description', '') ELSE description END,
    archived_at = coalesce(archived_at, (item->>'archivedAt')::timestamptz),
    updated_seq = CASE WHEN updated_seq > start THEN updated_seq ELSE head + 1 END
  WHERE id = room AND (
    (item ? 'name' AND name <> item->>'name')
    OR (item ? 'description' AND coalesce(description, '') <> item->>'description')
    OR (item ? 'archivedAt' AND archived_at IS NULL));
  IF FOUND THEN
    head := (SELECT greatest(head, updated_seq) FROM rooms WHERE id = room);
    raised := item ? 'archivedAt';
  END IF;
END $$;
--> statement-breakpoint
-- Makes a room with its first members at position 0. The same direct conversation is made once.
CREATE FUNCTION apply_create_v1(item jsonb, OUT created boolean, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  existing text;
BEGIN
  created := false;
  SELECT id INTO existing FROM rooms WHERE id = item->>'room' OR direct_key = item->>'directKey';
  IF FOUND THEN
    result := jsonb_build_object('status', 'ok', 'id', existing);
    RETURN;
  END IF;
  INSERT INTO streams (id) VALUES ('room:' || (item->>'room'));
  INSERT INTO rooms (id, name, type, description, direct_key, member_count, created_by, created_at)
  VALUES (item->>'room', item->>'name', item->>'type', item->>'description', item->>'directKey',
    jsonb_array_length(item->'people'), item->>'user', (item->>'at')::timestamptz);
  created := true;
  result := jsonb_build_object('status', 'ok', 'id', item->>'room');
END $$;
--> statement-breakpoint
-- One batch of changes to rooms and to people's own streams, in order. See hot-path/group-commit.ts for the caller.
-- The first statements take the locks; every later statement has a newer snapshot and so sees what the lock waited for.
CREATE FUNCTION commit_chat_v1(p_writer text, p_generation bigint, p_batch bigint, p_streams text[], p_items jsonb)
RETURNS jsonb LANGUAGE plpgsql
-- Plans are made once per connection, perhaps while the tables are still empty: they must not be made for empty tables.
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  heads bigint[];
  starts bigint[];
  fences bigint[];
  member_seqs bigint[];
  stale_pairs text[] := '{}';
  results jsonb[] := '{}';
  changes jsonb[] := '{}';
  touched text[] := '{}';
  shown_rooms text[] := '{}';
  item jsonb;
  result jsonb;
  person jsonb;
  s int;
  u int;
  room text;
  before bigint;
  head bigint;
  user_head bigint;
  member_seq bigint;
  raised boolean;
  created boolean;
BEGIN
  UPDATE writers SET batch = p_batch WHERE node = p_writer AND generation = p_generation;
  IF NOT FOUND THEN RAISE EXCEPTION 'writer % is fenced', p_writer USING ERRCODE = 'MR001'; END IF;
  PERFORM 1 FROM streams WHERE id = ANY (p_streams) ORDER BY id FOR NO KEY UPDATE;

  SELECT array_agg(t.head ORDER BY w.i), array_agg(t.fence ORDER BY w.i), array_agg(NULL::bigint ORDER BY w.i)
  INTO heads, fences, member_seqs
  FROM unnest(p_streams) WITH ORDINALITY AS w(id, i) LEFT JOIN streams t ON t.id = w.id;
  starts := heads;

  FOR item IN SELECT value FROM jsonb_array_elements(p_items) LOOP
    s := (item->>'s')::int;
    raised := false;
    head := heads[s];
    before := head;
    room := substr(p_streams[s], 6);
    IF head IS NULL THEN
      result := '{"status": "not_found"}';
    ELSIF (item ? 'f' AND (item->>'f')::bigint <> fences[s]) OR item->>'pair' = ANY (stale_pairs) THEN
      result := '{"status": "stale"}';
    ELSE
      CASE item->>'op'
      WHEN 'send' THEN
        SELECT * INTO head, result FROM apply_send_v1(item, room, head);
        IF result ? 'id' THEN touched := touched || (result->>'id'); END IF;
      WHEN 'edit' THEN
        SELECT * INTO head, result FROM apply_edit_v1(item, room, starts[s], head);
        touched := touched || (item->>'id');
      WHEN 'delete' THEN
        SELECT * INTO head, result FROM apply_delete_v1(item, room, starts[s], head);
        touched := touched || (item->>'id');
      WHEN 'react' THEN
        SELECT * INTO head, result FROM apply_reaction_v1(item, room, starts[s], head);
        touched := touched || (item->>'id');
      WHEN 'pin' THEN
        SELECT * INTO head, result FROM apply_pin_v1(item, room, starts[s], head);
        touched := touched || (item->>'id');
      WHEN 'mark' THEN
        SELECT * INTO head, result FROM apply_mark_v1(item, starts[s], head);
        IF head > before OR (result->>'status' = 'ok' AND head > starts[s]) THEN
          changes := changes || jsonb_build_object('s', s, 'kind', 'marker', 'room', item->>'room');
        END IF;
      WHEN 'member' THEN
        u := (item->>'u')::int;
        user_head := heads[u];
        member_seq := member_seqs[s];
        IF user_head IS NULL THEN
          result := '{"status": "not_found"}';
        ELSE
          SELECT * INTO head, member_seq, user_head, raised, result
          FROM apply_member_v1(item, room, head, member_seq, user_head);
          member_seqs[s] := member_seq;
          IF user_head > heads[u] THEN
            heads[u] := user_head;
            changes := changes || jsonb_build_object('s', u, 'kind', 'membership', 'seq', user_head, 'room', room,
              'role', item->'role');
            shown_rooms := shown_rooms || room;
          END IF;
          IF member_seq IS NOT NULL THEN shown_rooms := shown_rooms || room; END IF;
        END IF;
      WHEN 'rename' THEN
        IF EXISTS (SELECT 1 FROM members WHERE room_id = room AND user_id = item->>'user' AND role IS NOT NULL) THEN
          IF member_seqs[s] IS NULL THEN
            head := head + 1;
            member_seqs[s] := head;
          END IF;
          UPDATE members SET updated_seq = member_seqs[s] WHERE room_id = room AND user_id = item->>'user';
          shown_rooms := shown_rooms || room;
        END IF;
        result := '{"status": "ok"}';
      WHEN 'room' THEN
        SELECT * INTO head, raised, result FROM apply_room_v1(item, room, starts[s], head);
        shown_rooms := shown_rooms || room;
      WHEN 'create' THEN
        SELECT * INTO created, result FROM apply_create_v1(item);
        IF created THEN
          shown_rooms := shown_rooms || (item->>'room');
          FOR person IN SELECT value FROM jsonb_array_elements(item->'people') LOOP
            u := (person->>'u')::int;
            heads[u] := heads[u] + 1;
            INSERT INTO members (room_id, user_id, role, joined_at, updated_seq, user_seq)
            VALUES (item->>'room', person->>'user', person->>'role', (item->>'at')::timestamptz, 0, heads[u]);
            INSERT INTO read_markers (user_id, room_id, seq, user_seq)
            VALUES (person->>'user', item->>'room', 0, heads[u]);
            changes := changes || jsonb_build_object('s', u, 'kind', 'membership', 'seq', heads[u],
              'room', item->>'room', 'role', person->'role');
          END LOOP;
          head := heads[s];
        END IF;
      END CASE;
      heads[s] := head;
      IF raised THEN fences[s] := fences[s] + 1; END IF;

      IF result->>'status' = 'ok' AND item ? 'notify' THEN
        FOR person IN SELECT value FROM jsonb_array_elements(item->'notify') LOOP
          u := (person->>'u')::int;
          CONTINUE WHEN heads[u] IS NULL;
          CONTINUE WHEN NOT EXISTS (
            SELECT 1 FROM members WHERE room_id = room AND user_id = person->>'user' AND role IS NOT NULL);
          INSERT INTO notifications (id, user_id, user_seq, type, cause, title, content, metadata, created_at)
          VALUES (person->>'id', person->>'user', heads[u] + 1, 'mention', 'mention:' || (item->>'id'),
            item->'notice'->>'title', item->'notice'->>'content', item->'notice'->'metadata',
            (item->>'at')::timestamptz)
          ON CONFLICT (user_id, cause) DO NOTHING;
          IF FOUND THEN
            heads[u] := heads[u] + 1;
            changes := changes || jsonb_build_object('s', u, 'kind', 'mention', 'seq', heads[u], 'row', item->'notice');
          END IF;
        END LOOP;
      END IF;
    END IF;
    IF result->>'status' = 'stale' AND item ? 'pair' THEN stale_pairs := stale_pairs || (item->>'pair'); END IF;
    results := results || result;
  END LOOP;

  UPDATE streams SET head = w.head, fence = w.fence
  FROM unnest(p_streams, heads, fences) AS w(id, head, fence)
  WHERE streams.id = w.id AND (streams.head <> w.head OR streams.fence <> w.fence);

  RETURN jsonb_build_object(
    'results', to_jsonb(results),
    'heads', to_jsonb(heads),
    'fences', to_jsonb(fences),
    'changes', to_jsonb(changes),
    'messages', (SELECT jsonb_agg(to_jsonb(m)) FROM message_state m
      WHERE m.id = ANY (touched)),
    'markers', (SELECT jsonb_agg(jsonb_build_object('s', w.s, 'roomId', r.room_id, 'userSeq', r.user_seq, 'seq', r.seq,
        'unread', n.unread, 'mentions', n.mentions))
      FROM (SELECT DISTINCT (c->>'s')::int AS s, c->>'room' AS room
        FROM unnest(changes) c WHERE c->>'kind' = 'marker') w
      JOIN read_markers r ON r.user_id = substr(p_streams[w.s], 6) AND r.room_id = w.room
      CROSS JOIN LATERAL unread_v1(r.user_id, r.room_id, r.seq) n),
    'members', (SELECT jsonb_agg(to_jsonb(m)) FROM unnest(p_streams, member_seqs) AS w(id, seq)
      JOIN member_state m ON m.room_id = substr(w.id, 6) AND m.updated_seq = w.seq
      WHERE w.seq IS NOT NULL AND w.id LIKE 'room:%'),
    'rooms', (SELECT jsonb_agg(to_jsonb(r)) FROM room_state r WHERE r.id = ANY (shown_rooms)));
END $$;
