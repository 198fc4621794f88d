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

-- maintain_keys
DELETE FROM leasehold.idempotency_key AS known
WHERE (known.kind, known.key) IN (
    SELECT kind, key FROM leasehold.idempotency_key AS old
    WHERE old.expires_at <= $1 AND old.job <> 0
        AND NOT EXISTS (SELECT FROM leasehold.job WHERE id = old.job)
        AND NOT EXISTS (SELECT FROM leasehold.dead_letter WHERE id = old.job AND letter_state <= 2)
    ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
)

-- maintain_subjects
DELETE FROM leasehold.subject AS known
WHERE (known.kind, known.subject) IN (
    SELECT kind, subject FROM leasehold.subject WHERE succeeded_at <= $1
    ORDER BY succeeded_at LIMIT $2 FOR UPDATE SKIP LOCKED
)

-- maintain_letters
DELETE FROM leasehold.dead_letter WHERE id IN (
    SELECT id FROM leasehold.dead_letter WHERE letter_state >= 3 AND changed_at <= $1
    ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED
) RETURNING id

-- maintain_stages
DELETE FROM leasehold.stage_output WHERE job = ANY ($1)

-- maintain_notifications
DELETE FROM leasehold.notification WHERE id IN (
    SELECT id FROM leasehold.notification AS old
    WHERE state >= 4 AND created_at <= $1
        AND NOT EXISTS (SELECT FROM leasehold.requirement WHERE notification = old.id)
    ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
