-- turn_lock_few
-- Whoever decides about the turns of a key holds its lock; the shared one keeps out whoever locks all.
SELECT pg_advisory_xact_lock_shared(hashtextextended('leasehold.turns', 0))::text

-- turn_lock_keys
SELECT pg_advisory_xact_lock(number)::text
FROM (
    SELECT DISTINCT hashtextextended(queue || ' ' || key, 1) AS number
    FROM unnest($1::text[], $2::text[]) AS wanted (queue, key) ORDER BY number
) AS numbers

-- turn_lock_all
-- Instead of more locks than the server has room for.
SELECT pg_advisory_xact_lock(hashtextextended('leasehold.turns', 0))::text

-- turn_keys
SELECT DISTINCT queue, ordering_key FROM leasehold.job
WHERE id = ANY ($1) AND ordering_key IS NOT NULL

-- turn_modes
SELECT name FROM leasehold.queue WHERE name = ANY ($1) AND loose

-- turn_admitted
-- Locked, since a claim may take one at any time; ordered, as all rows are.
SELECT job.id, job.queue, job.ordering_key, job.state, job.run_at
FROM leasehold.job
WHERE (job.queue, job.ordering_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    AND job.ordering_key IS NOT NULL AND job.state IN (0, 1)
ORDER BY job.id
FOR UPDATE OF job

-- turn_set
UPDATE leasehold.job SET state = $2 WHERE id = ANY ($1)

-- turn_first_in_line
SELECT id, run_at FROM leasehold.job
WHERE queue = $1 AND ordering_key = $2 AND state = 2 ORDER BY id LIMIT 1

-- turn_first_due
-- Those that may run now come first, by priority; then the others by their time. Each priority is a
-- range of the index, of which only the first is looked at.
SELECT id, run_at FROM (
    (SELECT due.id, due.run_at, 0 AS rank
    FROM unnest($4::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT id, run_at FROM leasehold.job
        WHERE queue = $1 AND ordering_key = $2 AND state = 2 AND job.priority = level.priority
            AND run_at <= $3
        ORDER BY run_at, id LIMIT 1
    ) AS due
    LIMIT 1)
    UNION ALL
    (SELECT later.id, later.run_at, 1
    FROM unnest($4::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT id, run_at FROM leasehold.job
        WHERE queue = $1 AND ordering_key = $2 AND state = 2 AND job.priority = level.priority
        ORDER BY run_at, id LIMIT 1
    ) AS later
    ORDER BY later.run_at, level.priority DESC, later.id LIMIT 1)
) AS first
ORDER BY rank LIMIT 1
