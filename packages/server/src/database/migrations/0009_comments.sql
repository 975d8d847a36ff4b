ALTER TABLE "document_comments" ADD COLUMN "body_hash" text;
-- What one comment looks like to everyone who may see its document. Commits, lists and repairs all read this.
CREATE VIEW comment_state AS
SELECT c.id, c.document_id, c.thread_id, c.user_id, c.username, c.content, c.anchor_start, c.anchor_end, c.quote,
  c.mentioned_ids, c.created_at, c.edited_at, c.resolved_at, c.resolved_by, u.username AS resolved_by_name, c.deleted_at,
  c.position
FROM document_comments c LEFT JOIN users u ON u.id = c.resolved_by;
--> statement-breakpoint
-- One change of one comment at a position of its document. `p_at_seq` is the position it may take; of two changes in one
-- batch the second keeps the first one's. `is_new`: something changed.
CREATE FUNCTION apply_comment_v1(item jsonb, p_document text, p_start bigint, p_next bigint, OUT result jsonb,
  OUT at_seq bigint)
LANGUAGE plpgsql AS $$
DECLARE
  present document_comments;
  earlier document_comments;
  thread text := coalesce(item->>'thread', item->>'id');
  occurred timestamptz := (item->>'at')::timestamptz;
  mentioned text[] := ARRAY(SELECT jsonb_array_elements_text(item->'mentioned'));
BEGIN
  result := jsonb_build_object('status', 'ok', 'id', item->'id');
  SELECT * INTO present FROM document_comments WHERE id = item->>'id' AND document_id = p_document;
  IF item->>'op' = 'add' THEN
    -- It was committed before, and the answer was lost.
    IF FOUND THEN RETURN; END IF;
    IF item ? 'nonce' THEN
      SELECT * INTO earlier FROM document_comments
      WHERE document_id = p_document AND user_id = item->>'user' AND nonce = item->>'nonce';
      IF FOUND THEN
        result := jsonb_build_object('id', earlier.id, 'status',
          CASE WHEN earlier.body_hash = item->>'hash' THEN 'duplicate' ELSE 'nonce_conflict' END);
        RETURN;
      END IF;
    END IF;
    -- A thread whose first comment is deleted goes on for as long as it has others.
    IF item ? 'thread' AND NOT EXISTS (SELECT 1 FROM document_comments
      WHERE document_id = p_document AND thread_id = thread AND deleted_at IS NULL) THEN
      result := '{"status": "not_found"}';
      RETURN;
    END IF;
    IF (SELECT count(*) FROM document_comments WHERE document_id = p_document AND deleted_at IS NULL)
      >= (item->>'max')::int THEN
      result := '{"status": "too_many"}';
      RETURN;
    END IF;
    at_seq := p_next;
    INSERT INTO document_comments (id, document_id, thread_id, user_id, username, content, anchor_start,
      anchor_end, quote, mentioned_ids, nonce, body_hash, created_at, position)
    VALUES (item->>'id', p_document, thread, item->>'user', item->>'username', item->>'content', item->>'start',
      item->>'end', item->>'quote', mentioned, item->>'nonce', item->>'hash', occurred, at_seq);
    RETURN;
  END IF;
  IF NOT FOUND OR (present.deleted_at IS NOT NULL AND item->>'op' <> 'delete') THEN
    result := '{"status": "not_found"}';
    RETURN;
  END IF;
  -- Somebody was told of it who neither keeps that nor is among those from whom it is taken back.
  IF item ? 'known' AND EXISTS (SELECT 1 FROM notifications
    WHERE told_key(cause) = told_key('comment:' || present.id) AND is_listed AND deleted_at IS NULL
      AND (item->>'op' = 'delete' OR (type = 'mention' AND read_at IS NULL)) AND NOT item->'known' ? user_id) THEN
    result := '{"status": "stale"}';
    RETURN;
  END IF;
  at_seq := CASE WHEN present.position > p_start THEN present.position ELSE p_next END;
  CASE item->>'op'
  WHEN 'edit' THEN
    UPDATE document_comments SET content = item->>'content', mentioned_ids = mentioned, edited_at = occurred,
      position = at_seq
    WHERE id = present.id AND content <> item->>'content';
  WHEN 'delete' THEN
    UPDATE document_comments SET content = '', quote = NULL, mentioned_ids = '{}', deleted_at = occurred, position = at_seq
    WHERE id = present.id AND deleted_at IS NULL;
  WHEN 'resolve' THEN
    UPDATE document_comments SET position = at_seq,
      resolved_at = CASE WHEN (item->>'resolved')::boolean THEN occurred END,
      resolved_by = CASE WHEN (item->>'resolved')::boolean THEN item->>'user' END
    WHERE id = present.id AND (resolved_at IS NOT NULL) <> (item->>'resolved')::boolean;
  END CASE;
  IF NOT FOUND THEN at_seq := NULL; END IF;
END $$;
--> statement-breakpoint
-- One batch of comments, item by item, each with what people are told of it. Locks first, as in `commit_chat_v1`: every
-- later statement has a newer snapshot and so sees what the lock waited for.
CREATE FUNCTION commit_comments_v1(p_writer text, p_generation bigint, p_batch bigint, p_streams text[], p_items jsonb)
RETURNS json LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET jit = off
AS $$
DECLARE
  heads bigint[];
  starts bigint[];
  fences bigint[];
  stale_pairs text[] := '{}';
  results jsonb := '[]';
  touched text[] := '{}';
  changed text[] := '{}';
  told int[] := '{}';
  item jsonb;
  result jsonb;
  at_seq bigint;
  s int;
BEGIN
  UPDATE writers SET batch = p_batch WHERE node = p_writer AND generation = p_generation;
  IF NOT FOUND THEN RAISE EXCEPTION 'writer % is fenced', p_writer USING ERRCODE = 'MR001'; END IF;
  PERFORM 1 FROM streams WHERE id = ANY (p_streams) ORDER BY id FOR NO KEY UPDATE;
  SELECT array_agg(t.head ORDER BY w.i), array_agg(t.fence ORDER BY w.i) INTO heads, fences
  FROM unnest(p_streams) WITH ORDINALITY AS w(id, i) LEFT JOIN streams t ON t.id = w.id;
  starts := heads;

  FOR item IN SELECT value FROM jsonb_array_elements(p_items) LOOP
    s := (item->>'s')::int;
    at_seq := NULL;
    IF heads[s] IS NULL THEN
      result := '{"status": "not_found"}';
    ELSIF (item->>'f')::bigint <> fences[s] OR item->>'pair' = ANY (stale_pairs) OR (item ? 'room' AND
      (SELECT fence FROM streams WHERE id = 'room:' || (item->>'room')) IS DISTINCT FROM (item->>'rf')::bigint) THEN
      result := '{"status": "stale"}';
    ELSE
      SELECT * INTO result, at_seq FROM apply_comment_v1(item, substr(p_streams[s], 5), starts[s], heads[s] + 1);
    END IF;
    IF result->>'status' = 'stale' THEN stale_pairs := stale_pairs || (item->>'pair'); END IF;
    result := result || jsonb_build_object('i', item->'i');
    results := results || result;
    IF result ? 'id' THEN touched := touched || (result->>'id'); END IF;
    CONTINUE WHEN at_seq IS NULL;
    changed := changed || (result->>'id');
    heads[s] := greatest(heads[s], at_seq);
    IF item ? 'notices' THEN
      SELECT * INTO heads, told FROM notify_v1(item->'notices', jsonb_build_array(result), heads, told);
    END IF;
    IF item ? 'withdrawals' THEN
      SELECT * INTO heads, told FROM withdraw_v1(item->'withdrawals', jsonb_build_array(result), heads, told);
    END IF;
  END LOOP;

  UPDATE streams SET head = w.head FROM unnest(p_streams, heads) AS w(id, head)
  WHERE streams.id = w.id AND streams.head <> w.head;

  RETURN json_build_object(
    'results', results,
    'comments', (SELECT json_agg(to_jsonb(c) || jsonb_build_object('is_changed', c.id = ANY (changed)))
      FROM comment_state c WHERE c.id = ANY (touched)),
    'own', CASE WHEN told <> '{}' THEN told_v1(told, p_streams, starts) END);
END $$;
