-- sweep_expired
-- Leases that ran out, of every queue by its own range of the index; from one queue to the next.
WITH RECURSIVE walk AS (
    (SELECT job.queue FROM leasehold.job WHERE lease_expires_at IS NOT NULL ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT (SELECT job.queue FROM leasehold.job
        WHERE job.lease_expires_at IS NOT NULL AND job.queue > walk.queue ORDER BY job.queue LIMIT 1)
    FROM walk WHERE walk.queue IS NOT NULL
)
SELECT expired.*
FROM walk
CROSS JOIN LATERAL (
    SELECT id, fence, lease_expires_at, job.queue, kind, stage, attempt, ledger, max_attempts
    FROM leasehold.job
    WHERE job.queue = walk.queue AND lease_expires_at IS NOT NULL
        AND lease_expires_at <= coalesce($1, statement_timestamp())
    ORDER BY lease_expires_at, id LIMIT $2
) AS expired
ORDER BY expired.lease_expires_at, expired.id LIMIT $2
