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
-- and whether they also ended before.
SELECT part.relname::text, greatest(part.reltuples, 0)::bigint, pg_relation_size(part.oid),
    to_timestamp(substr(part.relname, 9) || '+00', 'YYYYMMDDTZH') + interval '1 day' <= $1
FROM pg_inherits
JOIN pg_class AS part ON part.oid = inhrelid
WHERE inhparent = 'leasehold.history'::regclass AND part.relname ~ '^history_[0-9]{8}$'
    AND to_timestamp(substr(part.relname, 9) || '+00', 'YYYYMMDDTZH') <= $1
ORDER BY part.relname

-- maintain_default
DELETE FROM leasehold.history_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.history_default WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2))

-- maintain_keys
-- Here and below: an array of addresses or ids, and questions answered row by row, since the planner
-- would make joins of them that read whole tables.
DELETE FROM leasehold.idempotency_key WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.idempotency_key AS old
    WHERE old.expires_at <= $1 AND old.job <> 0
        AND (SELECT true FROM leasehold.job WHERE id = old.job) IS NULL
        AND (SELECT true FROM leasehold.dead_letter WHERE id = old.job AND letter_state <= 2) IS NULL
    ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
))

-- maintain_subjects
DELETE FROM leasehold.subject WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.subject WHERE succeeded_at <= $1
    ORDER BY succeeded_at LIMIT $2 FOR UPDATE SKIP LOCKED
))

-- maintain_letters
DELETE FROM leasehold.dead_letter WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.dead_letter WHERE letter_state >= 3 AND changed_at <= $1
    ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED
)) RETURNING id

-- maintain_stages
DELETE FROM leasehold.stage_output WHERE job = ANY ($1)

-- maintain_notifications
DELETE FROM leasehold.notification WHERE id = ANY (ARRAY(
    SELECT id FROM leasehold.notification AS old
    WHERE state >= 4 AND created_at <= $1
        AND (SELECT true FROM leasehold.requirement WHERE notification = old.id LIMIT 1) IS NULL
    ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
)) RETURNING id

-- maintain_events
DELETE FROM leasehold.delivery_event WHERE notification = ANY ($1)
