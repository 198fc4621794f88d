-- maintain_days
-- What is missing of this day and the seven after it, and how large the default is. A day of which
-- rows are in the default already stays there: its table could not come without them.
SELECT 'history_' || to_char(day, 'YYYYMMDD'), to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00',
    to_char(day + interval '1 day', 'YYYY-MM-DD') || ' 00:00:00+00',
    pg_relation_size('leasehold.history_default')
FROM (SELECT date_trunc('day', coalesce($1, statement_timestamp()) AT TIME ZONE 'UTC') AS today) AS clock
CROSS JOIN generate_series(today, today + interval '7 days', interval '1 day') AS day
WHERE extract(year FROM day) BETWEEN 1000 AND 9999
    AND to_regclass('leasehold.history_' || to_char(day, 'YYYYMMDD')) IS NULL
    AND NOT EXISTS (
        SELECT FROM leasehold.history_default
        WHERE finished_at >= day AT TIME ZONE 'UTC' AND finished_at < (day + interval '1 day') AT TIME ZONE 'UTC'
    )
ORDER BY day

-- maintain_partitions
-- Day partitions that began before, with the number of rows that the planner believes in, their size,
-- and from when to when they go.
SELECT part.relname::text, greatest(part.reltuples, 0)::bigint, pg_relation_size(part.oid), day,
    day + interval '1 day'
FROM pg_inherits
JOIN pg_class AS part ON part.oid = inhrelid
CROSS JOIN LATERAL to_timestamp(substr(part.relname, 9) || '+00', 'YYYYMMDDTZH') AS day
WHERE inhparent = 'leasehold.history'::regclass AND part.relname ~ '^history_[0-9]{8}$' AND day <= $1
ORDER BY part.relname

-- maintain_default
-- Of some queues, or of all others. What longer rules keep is read over: it is empty unless for a week
-- nobody kept house.
DELETE FROM leasehold.history_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.history_default
    WHERE finished_at <= $1 AND (queue = ANY ($3)) = $4 ORDER BY finished_at LIMIT $2))

-- maintain_keys
-- Here and below: an array of addresses or ids, and questions answered row by row, since the planner
-- would make joins of them that read whole tables. Those stepped over cannot be removed: which of several with
-- one time they are may change, and then another is left to a later pass.
DELETE FROM leasehold.idempotency_key WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.idempotency_key AS old
    WHERE old.expires_at <= $1 AND old.job <> 0
        AND (SELECT true FROM leasehold.job WHERE id = old.job) IS NULL
        AND (SELECT true FROM leasehold.dead_letter WHERE id = old.job AND letter_state <= 2) IS NULL
    ORDER BY expires_at LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED
))

-- maintain_cap_keys
UPDATE leasehold.idempotency_key SET expires_at = $1 WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.idempotency_key WHERE expires_at > $1
    LIMIT $2 FOR UPDATE SKIP LOCKED
))

-- maintain_subjects
DELETE FROM leasehold.subject WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.subject WHERE succeeded_at <= $1
    ORDER BY succeeded_at LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED
))

-- maintain_closed_queues
-- From one queue to the next along the index, however many letters it has.
WITH RECURSIVE closed (queue) AS (
    (SELECT queue FROM leasehold.dead_letter
     WHERE letter_state >= 3 AND letter_state = $1 ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT (SELECT letter.queue FROM leasehold.dead_letter AS letter
        WHERE letter.letter_state >= 3 AND letter.letter_state = $1 AND letter.queue > closed.queue
        ORDER BY letter.queue LIMIT 1)
    FROM closed WHERE closed.queue IS NOT NULL
)
SELECT queue FROM closed WHERE queue IS NOT NULL

-- maintain_letters
DELETE FROM leasehold.dead_letter WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.dead_letter
    WHERE letter_state >= 3 AND letter_state = $1 AND queue = $2 AND changed_at <= $3
    ORDER BY changed_at LIMIT $4 OFFSET $5 FOR UPDATE SKIP LOCKED
)) RETURNING id

-- maintain_stages
DELETE FROM leasehold.stage_output WHERE job = ANY ($1)

-- maintain_notifications
DELETE FROM leasehold.notification WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.notification AS old
    WHERE state >= 4 AND created_at <= $1
        AND (SELECT true FROM leasehold.requirement WHERE notification = old.id LIMIT 1) IS NULL
    ORDER BY created_at LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED
)) RETURNING id

-- maintain_events
DELETE FROM leasehold.delivery_event WHERE notification = ANY ($1)

-- maintain_over_runs
-- One whose jobs still run is not over. Held against whoever goes on with one.
SELECT id FROM leasehold.replay_run AS run
WHERE state > 0 AND ended_at <= $1
    AND NOT EXISTS (SELECT FROM leasehold.replay_item WHERE replay_item.run = run.id AND outcome = 0)
ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED

-- maintain_items
DELETE FROM leasehold.replay_item WHERE run = $1 AND job = ANY (ARRAY(
    SELECT job FROM leasehold.replay_item WHERE run = $1 LIMIT $2
))

-- maintain_drop_run
DELETE FROM leasehold.replay_run WHERE id = $1
    AND NOT EXISTS (SELECT FROM leasehold.replay_item WHERE run = $1)

-- maintain_suppressions
DELETE FROM leasehold.suppression WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.suppression WHERE expires_at <= $1
    ORDER BY expires_at LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED
))
