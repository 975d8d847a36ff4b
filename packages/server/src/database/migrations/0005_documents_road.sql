-- What one document looks like to everyone who may see it.
CREATE VIEW document_state AS
SELECT d.id, d.title, d.room_id, d.owner_id, d.created_at, d.updated_at, d.updated_by, u.username AS updated_by_name,
  d.trashed_at, d.updated_seq
FROM documents d LEFT JOIN users u ON u.id = d.updated_by;
--> statement-breakpoint
-- Adds one Yjs update at the next position, where each client's clock is still the one it was judged by: then nothing has
-- come in between that the gate has not seen. `clients` is empty for an update that only deletes.
CREATE FUNCTION apply_update_v1(document text, item jsonb, bytes bytea, INOUT head bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  is_taken boolean;
  is_moved boolean;
BEGIN
  SELECT bool_or(c.user_id <> item->>'user'), bool_or(coalesce(c.clock, 0) <> x.known) INTO is_taken, is_moved
  FROM jsonb_to_recordset(item->'clients') AS x(id bigint, known bigint)
  LEFT JOIN document_clients c ON c.document_id = document AND c.client_id = x.id;
  IF is_taken THEN
    result := '{"status": "client_id_taken"}';
  ELSIF is_moved THEN
    result := '{"status": "stale"}';
  ELSE
    head := head + 1;
    INSERT INTO document_clients AS c (document_id, client_id, user_id, clock, at)
    SELECT document, x.id, item->>'user', x."to", (item->>'at')::timestamptz
    FROM jsonb_to_recordset(item->'clients') AS x(id bigint, "to" bigint)
    ON CONFLICT (document_id, client_id) DO UPDATE SET clock = excluded.clock, at = excluded.at;
    INSERT INTO document_updates (document_id, position, update, user_id, at)
    VALUES (document, head, bytes, item->>'user', (item->>'at')::timestamptz);
    UPDATE documents SET updated_at = (item->>'at')::timestamptz, updated_by = item->>'user' WHERE id = document;
    result := jsonb_build_object('status', 'ok', 'seq', head);
  END IF;
END $$;
--> statement-breakpoint
-- Makes a document with its stream, and with its first content where there is some. With a nonce it is made once.
CREATE FUNCTION apply_document_v1(item jsonb, bytes bytea, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  existing text;
  head bigint := 0;
  added jsonb;
BEGIN
  SELECT id INTO existing FROM documents WHERE owner_id = item->>'user' AND nonce = item->>'nonce';
  IF FOUND THEN
    result := jsonb_build_object('status', 'ok', 'id', existing, 'isNew', false);
    RETURN;
  END IF;
  INSERT INTO documents (id, title, room_id, owner_id, nonce, created_at, updated_at)
  VALUES (item->>'document', item->>'title', item->>'room', item->>'user', item->>'nonce',
    (item->>'at')::timestamptz, (item->>'at')::timestamptz);
  IF bytes IS NOT NULL THEN
    SELECT * INTO head, added FROM apply_update_v1(item->>'document', item, bytes, head);
  END IF;
  INSERT INTO streams (id, head) VALUES ('doc:' || (item->>'document'), head);
  result := jsonb_build_object('status', 'ok', 'id', item->>'document', 'seq', head, 'isNew', true);
END $$;
--> statement-breakpoint
-- Changes the document's own row. Going into the trash takes rights away, and coming out of it gives them back.
CREATE FUNCTION apply_document_change_v1(document text, item jsonb, INOUT head bigint, INOUT fence bigint, OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  was_trashed boolean;
BEGIN
  result := '{"status": "ok", "isNew": false}';
  SELECT trashed_at IS NOT NULL INTO was_trashed FROM documents WHERE id = document;
  UPDATE documents SET
    title = coalesce(item->>'title', title),
    trashed_at = CASE WHEN item ? 'trashedAt' THEN (item->>'trashedAt')::timestamptz ELSE trashed_at END,
    updated_seq = head + 1
  WHERE id = document AND (
    (item ? 'title' AND title <> item->>'title')
    OR (item ? 'trashedAt' AND was_trashed <> (item->>'trashedAt' IS NOT NULL)));
  IF NOT FOUND THEN RETURN; END IF;
  head := head + 1;
  IF item ? 'trashedAt' AND was_trashed <> (item->>'trashedAt' IS NOT NULL) THEN fence := fence + 1; END IF;
  result := jsonb_build_object('status', 'ok', 'seq', head, 'isNew', true);
END $$;
--> statement-breakpoint
-- Gives somebody a role, or takes it away. Whoever has less than before is judged anew from here on.
CREATE FUNCTION apply_document_person_v1(document text, item jsonb, INOUT head bigint, INOUT fence bigint,
  OUT result jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  present text;
BEGIN
  result := '{"status": "ok", "isNew": false}';
  SELECT role INTO present FROM document_people WHERE document_id = document AND user_id = item->>'person';
  IF present IS NOT DISTINCT FROM item->>'role' THEN RETURN; END IF;
  head := head + 1;
  fence := fence + 1;
  IF item->>'role' IS NULL THEN
    DELETE FROM document_people WHERE document_id = document AND user_id = item->>'person';
  ELSE
    INSERT INTO document_people AS p (document_id, user_id, role, position)
    VALUES (document, item->>'person', item->>'role', head)
    ON CONFLICT (document_id, user_id) DO UPDATE SET role = excluded.role, position = excluded.position;
  END IF;
  UPDATE documents SET updated_seq = head WHERE id = document;
  result := jsonb_build_object('status', 'ok', 'seq', head, 'isNew', true, 'isFirst', present IS NULL);
END $$;
--> statement-breakpoint
-- Removes a document that is in the trash with all that belongs to it. Nobody hears of it on its stream, which is gone too.
CREATE FUNCTION apply_document_deletion_v1(document text, item jsonb, OUT result jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM documents WHERE id = document AND trashed_at IS NOT NULL;
  IF NOT FOUND THEN
    result := '{"status": "not_trashed"}';
    RETURN;
  END IF;
  DELETE FROM document_updates WHERE document_id = document;
  DELETE FROM document_clients WHERE document_id = document;
  DELETE FROM document_snapshots WHERE document_id = document;
  DELETE FROM document_versions WHERE document_id = document;
  DELETE FROM document_people WHERE document_id = document;
  DELETE FROM document_comments WHERE document_id = document;
  -- Nobody gets them from now on; the bytes stay for those whose download is under way.
  UPDATE files SET remove_at = (item->>'at')::timestamptz + interval '10 minutes' WHERE document_id = document;
  DELETE FROM streams WHERE id = 'doc:' || document;
  result := '{"status": "ok"}';
END $$;
--> statement-breakpoint
-- One batch of changes to documents, item by item in their order; `bytes` counts into `p_bytes` from 1. The first statements
-- take the locks; every later statement has a newer snapshot and so sees what the lock waited for. A room's row is read and
-- not locked: the chat goes on, and a change that began before somebody lost their right in the room may end after it.
-- `p_people` are those who are told of something; their streams count on behind the documents'.
CREATE FUNCTION commit_documents_v1(p_writer text, p_generation bigint, p_batch bigint, p_documents text[], p_people text[],
  p_items jsonb, p_bytes bytea[])
RETURNS json LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET jit = off
AS $$
DECLARE
  topics text[] := ARRAY(SELECT 'doc:' || id FROM unnest(p_documents) AS id)
    || ARRAY(SELECT 'user:' || id FROM unnest(p_people) AS id);
  heads bigint[];
  starts bigint[];
  fences bigint[];
  head bigint;
  fence bigint;
  results jsonb := '[]';
  shown text[] := '{}';
  told int[] := '{}';
  item jsonb;
  result jsonb;
  bytes bytea;
  document text;
  d int;
BEGIN
  UPDATE writers SET batch = p_batch WHERE node = p_writer AND generation = p_generation;
  IF NOT FOUND THEN RAISE EXCEPTION 'writer % is fenced', p_writer USING ERRCODE = 'MR001'; END IF;
  PERFORM 1 FROM streams WHERE id = ANY (topics) ORDER BY id FOR NO KEY UPDATE;

  SELECT array_agg(t.head ORDER BY w.i), array_agg(t.fence ORDER BY w.i) INTO heads, fences
  FROM unnest(topics) WITH ORDINALITY AS w(id, i) LEFT JOIN streams t ON t.id = w.id;
  starts := heads;

  FOR item IN SELECT value FROM jsonb_array_elements(p_items) LOOP
    d := (item->>'d')::int;
    document := p_documents[d];
    head := heads[d];
    fence := fences[d];
    bytes := p_bytes[(item->>'bytes')::int];
    IF item->>'op' <> 'create' AND head IS NULL THEN
      result := '{"status": "not_found"}';
    ELSIF item ? 'fence' AND (item->>'fence')::bigint <> fence
      OR item ? 'roomFence' AND (item->>'roomFence')::bigint IS DISTINCT FROM
        (SELECT t.fence FROM streams t WHERE t.id = 'room:' || (item->>'room')) THEN
      result := '{"status": "stale"}';
    ELSE
      CASE item->>'op'
      WHEN 'create' THEN result := apply_document_v1(item, bytes);
      WHEN 'update' THEN SELECT * INTO head, result FROM apply_update_v1(document, item, bytes, head);
      WHEN 'change' THEN
        SELECT * INTO head, fence, result FROM apply_document_change_v1(document, item, head, fence);
      WHEN 'person' THEN
        SELECT * INTO head, fence, result FROM apply_document_person_v1(document, item, head, fence);
        -- Who has a role already, and gets another, was told when they got the first.
        IF item ? 'notices' AND result @> '{"isFirst": true}' THEN
          SELECT * INTO heads, told
          FROM notify_v1(item->'notices', jsonb_build_array(result || '{"i": 0}'), heads, told);
        END IF;
      WHEN 'delete' THEN
        result := apply_document_deletion_v1(document, item);
        IF result->>'status' = 'ok' THEN head := NULL; END IF;
      END CASE;
      heads[d] := head;
      fences[d] := fence;
      IF item->>'op' <> 'update' THEN shown := shown || coalesce(result->>'id', document); END IF;
    END IF;
    results := results || jsonb_build_array(result);
  END LOOP;

  UPDATE streams t SET head = w.head, fence = w.fence
  FROM unnest(topics, heads, fences) AS w(id, head, fence)
  WHERE t.id = w.id AND w.head IS NOT NULL AND (t.head <> w.head OR t.fence <> w.fence);

  RETURN json_build_object('results', results,
    'documents', (SELECT json_agg(row_to_json(s)) FROM document_state s WHERE s.id = ANY (shown)),
    'own', CASE WHEN told <> '{}' THEN told_v1(told, topics, starts) END);
END $$;
--> statement-breakpoint
-- Keeps the whole content up to a position. Updates go once the oldest of the last three snapshots holds them; what is
-- below can no longer be told one by one, which the stream's floor says.
CREATE FUNCTION compact_document_v1(p_document text, p_position bigint, p_state bytea, p_checksum text, p_at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  oldest bigint;
BEGIN
  PERFORM 1 FROM streams WHERE id = 'doc:' || p_document FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO document_snapshots (document_id, position, state, checksum, at)
  VALUES (p_document, p_position, p_state, p_checksum, p_at) ON CONFLICT DO NOTHING;
  DELETE FROM document_snapshots WHERE document_id = p_document AND position < (
    SELECT min(position) FROM (
      SELECT position FROM document_snapshots WHERE document_id = p_document ORDER BY position DESC LIMIT 3) kept);
  SELECT min(position) INTO oldest FROM document_snapshots WHERE document_id = p_document HAVING count(*) > 1;
  IF oldest IS NOT NULL THEN
    DELETE FROM document_updates WHERE document_id = p_document AND position <= oldest;
    UPDATE streams SET floor = greatest(floor, oldest) WHERE id = 'doc:' || p_document;
  END IF;
  DELETE FROM document_clients
  WHERE document_id = p_document AND clock = 0 AND at < p_at - interval '1 day';
END $$;
