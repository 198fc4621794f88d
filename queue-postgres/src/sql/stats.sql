-- stats_queues
-- Queues that hold jobs: from one to the next by each index that begins with the queue.
WITH RECURSIVE walk AS (
    SELECT (SELECT min(name) FROM (
        (SELECT queue FROM leasehold.job WHERE state = 0 ORDER BY queue LIMIT 1) UNION ALL
        (SELECT queue FROM leasehold.job WHERE lease_expires_at IS NOT NULL ORDER BY queue LIMIT 1) UNION ALL
        (SELECT queue FROM leasehold.job WHERE state = 2 ORDER BY queue LIMIT 1)
    ) AS first (name)) AS name
    UNION ALL
    SELECT (SELECT min(next.name) FROM (
        (SELECT queue FROM leasehold.job WHERE state = 0 AND queue > walk.name ORDER BY queue LIMIT 1) UNION ALL
        (SELECT queue FROM leasehold.job WHERE lease_expires_at IS NOT NULL AND queue > walk.name
        ORDER BY queue LIMIT 1) UNION ALL
        (SELECT queue FROM leasehold.job WHERE state = 2 AND queue > walk.name ORDER BY queue LIMIT 1)
    ) AS next (name))
    FROM walk WHERE walk.name IS NOT NULL
)
SELECT name FROM walk WHERE name IS NOT NULL ORDER BY name

-- stats_queue
-- Counts that stop at $4; ready and scheduled by the ranges of the ready index.
SELECT
    (SELECT count(*) FROM (SELECT FROM unnest($3::smallint[]) AS level (priority) CROSS JOIN LATERAL (
        SELECT FROM leasehold.job WHERE queue = $1 AND job.priority = level.priority AND state = 0
            AND run_at <= coalesce($2, statement_timestamp()) LIMIT $4) AS one LIMIT $4) AS ready),
    (SELECT count(*) FROM (SELECT FROM unnest($3::smallint[]) AS level (priority) CROSS JOIN LATERAL (
        SELECT FROM leasehold.job WHERE queue = $1 AND job.priority = level.priority AND state = 0
            AND run_at > coalesce($2, statement_timestamp()) LIMIT $4) AS one LIMIT $4) AS scheduled),
    (SELECT count(*) FROM (
        SELECT FROM leasehold.job WHERE queue = $1 AND state = 2 LIMIT $4) AS waiting),
    (SELECT count(*) FROM (
        SELECT FROM leasehold.job WHERE queue = $1 AND lease_expires_at IS NOT NULL LIMIT $4) AS running),
    (SELECT min(first.run_at) FROM unnest($3::smallint[]) AS level (priority) CROSS JOIN LATERAL (
        SELECT run_at FROM leasehold.job WHERE queue = $1 AND job.priority = level.priority AND state = 0
            AND run_at <= coalesce($2, statement_timestamp()) ORDER BY run_at LIMIT 1) AS first),
    coalesce($2, statement_timestamp())

-- stats_kinds
-- Kinds of the first $4 jobs that may run now. The ready index does not have them, so that the rows
-- themselves are read, no more than $4 of them.
SELECT kind, count(*)
FROM (
    SELECT one.kind FROM unnest($3::smallint[]) AS level (priority) CROSS JOIN LATERAL (
        SELECT kind FROM leasehold.job WHERE queue = $1 AND job.priority = level.priority AND state = 0
            AND run_at <= coalesce($2, statement_timestamp()) ORDER BY run_at LIMIT $4) AS one LIMIT $4
) AS ready
GROUP BY kind ORDER BY kind

-- stats_rest
-- Jobs that await their delivery are those that still require something.
SELECT
    (SELECT count(*) FROM (SELECT DISTINCT job FROM leasehold.requirement LIMIT $1) AS awaiting),
    (SELECT count(*) FROM (
        SELECT FROM leasehold.dead_letter WHERE letter_state IN (0, 2) LIMIT $1) AS dead),
    (SELECT count(*) FROM (SELECT FROM leasehold.notification WHERE state = 0 LIMIT $1) AS pending),
    (SELECT count(*) FROM (SELECT FROM leasehold.notification WHERE state = 2 LIMIT $1) AS doubtful)

-- stats_outbox
-- Counts that stop at $1, and the first of what is due and of what is in doubt.
SELECT
    (SELECT count(*) FROM (SELECT FROM leasehold.notification WHERE state = 0 LIMIT $1) AS pending),
    (SELECT count(*) FROM (SELECT FROM leasehold.notification WHERE state = 1 LIMIT $1) AS sending),
    (SELECT count(*) FROM (SELECT FROM leasehold.notification WHERE state = 2 LIMIT $1) AS doubtful),
    (SELECT count(*) FROM (SELECT FROM leasehold.notification WHERE state = 3 LIMIT $1) AS failed),
    (SELECT run_at FROM leasehold.notification WHERE state = 0 ORDER BY run_at, id LIMIT 1),
    (SELECT doubted_at FROM leasehold.notification
    WHERE state = 2 AND doubted_at IS NOT NULL ORDER BY doubted_at LIMIT 1),
    coalesce($2, statement_timestamp())
