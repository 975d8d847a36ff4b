CREATE TABLE "search_positions" (
	"room_id" text PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_words" (
	"room_id" text NOT NULL,
	"block" bigint NOT NULL,
	"word" text COLLATE "C" NOT NULL,
	"places" smallint[] NOT NULL,
	CONSTRAINT "search_words_room_id_block_word_pk" PRIMARY KEY("room_id","block","word")
);
--> statement-breakpoint
-- Takes a slice of a room's changes into the index, unless somebody else has done so since `p_from` was read. `p_gone` are
-- positions of messages whose words do not stand there any more; what is written may stand there already.
CREATE FUNCTION index_messages_v1(p_room text, p_from bigint, p_to bigint, p_gone bigint[], p_words jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_positions AS p (room_id, seq) VALUES (p_room, p_to)
  ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq WHERE p.seq = p_from;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE search_words w
  SET places = ARRAY(SELECT place FROM unnest(w.places) AS x(place) WHERE place <> ALL (g.places))
  FROM (
    SELECT seq / 1024 AS block, array_agg((seq % 1024)::smallint) AS places FROM unnest(p_gone) AS x(seq) GROUP BY 1
  ) g
  WHERE w.room_id = p_room AND w.block = g.block AND w.places && g.places;
  INSERT INTO search_words AS w (room_id, block, word, places)
  SELECT p_room, x.block, x.word, x.places FROM jsonb_to_recordset(p_words) AS x(block bigint, word text, places smallint[])
  ON CONFLICT (room_id, block, word) DO UPDATE
  SET places = w.places || ARRAY(SELECT unnest(excluded.places) EXCEPT SELECT unnest(w.places))
  WHERE NOT w.places @> excluded.places;
  RETURN true;
END $$;
--> statement-breakpoint
-- The newest messages of a room that have a word in each of the ranges, by id between `p_after` and `p_below`. Goes from block
-- to block, each by a few looks into the primary key, and gives up when the whole statement has taken `p_budget`.
CREATE FUNCTION search_room_v1(p_room text, p_lows text[], p_highs text[], p_after text, p_below text, p_max int,
  p_budget interval) RETURNS TABLE (message_id text)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off
AS $$
DECLARE
  newest_block int := (SELECT head / 1024 FROM streams WHERE id = 'room:' || p_room);
  seqs bigint[];
  found_now int;
  wanted int := p_max;
BEGIN
  FOR b IN REVERSE coalesce(newest_block, -1) .. 0 LOOP
    IF clock_timestamp() > statement_timestamp() + p_budget THEN
      RAISE EXCEPTION 'the search took too long' USING ERRCODE = 'query_canceled';
    END IF;
    CONTINUE WHEN EXISTS (
      SELECT 1 FROM unnest(p_lows, p_highs) AS t(low, high)
      WHERE NOT EXISTS (SELECT 1 FROM search_words w
        WHERE w.room_id = p_room AND w.block = b AND w.word >= t.low AND w.word <= t.high));
    seqs := ARRAY(
      SELECT b::bigint * 1024 + place
      FROM unnest(p_lows, p_highs) WITH ORDINALITY AS t(low, high, i)
      CROSS JOIN LATERAL (SELECT w.places FROM search_words w
        WHERE w.room_id = p_room AND w.block = b AND w.word >= t.low AND w.word <= t.high) w
      CROSS JOIN LATERAL unnest(w.places) AS x(place)
      GROUP BY place HAVING count(DISTINCT i) = cardinality(p_lows));
    CONTINUE WHEN seqs = '{}';
    RETURN QUERY
      SELECT m.id FROM messages m
      WHERE m.room_id = p_room AND m.seq = ANY (seqs) AND m.deleted_at IS NULL
        AND m.id >= p_after AND (p_below IS NULL OR m.id < p_below)
      ORDER BY m.seq DESC LIMIT wanted;
    GET DIAGNOSTICS found_now = ROW_COUNT;
    wanted := wanted - found_now;
    EXIT WHEN wanted <= 0;
  END LOOP;
END $$;
