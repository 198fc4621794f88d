-- claim_ready
-- One index range per queue and priority, in claim order: sorting instead would walk past every job
-- that is scheduled for later (9.7 k/s instead of 94 k/s behind a million of them). The loop stops
-- at the limit. Asked for some kinds only it walks over the others' jobs: an index with the kind costs
-- inserts as in claim_untenanted. The test of the kind is wrapped: knowing that a kind is rare the
-- planner would sort all that is ready, and not stop at the limit. The rows go to the update as an array of addresses, which is made once: joined, the
-- update is 17 % slower and may be handed more rows than the limit. Where a queue has limits nothing
-- is taken ($8 says that they were seen to), so that queues without limits pay one look.
UPDATE leasehold.job SET state = 1, fence = fence + 1, attempt = attempt + 1, claimed_by = $7,
    lease_expires_at = coalesce($1, statement_timestamp()) + $6 * interval '1 microsecond'
WHERE ctid = ANY (ARRAY(
    SELECT candidate.ctid
    FROM unnest($2::text[], $3::smallint[]) AS level (queue, priority)
    CROSS JOIN LATERAL (
        SELECT job.ctid FROM leasehold.job
        WHERE job.queue = level.queue AND job.priority = level.priority AND job.state = 0
            AND job.run_at <= coalesce($1, statement_timestamp())
            AND coalesce(job.kind = ANY ($4::text[]), true)
        ORDER BY job.run_at, job.id LIMIT $5 FOR UPDATE SKIP LOCKED
    ) AS candidate
    WHERE $8 OR NOT EXISTS (SELECT FROM leasehold.queue WHERE name = ANY ($2) AND limited)
    LIMIT $5
))
RETURNING id, fence, lease_expires_at, queue, kind, priority, schema_version, content_type, payload,
    run_at, created_at, stage, attempt, ledger, max_attempts, tenant, ordering_key, subject, revision,
    headers, first_failure_at, flags

-- claim_late
-- As claim_ready, but each level begins at a place ($9, $10), or a little before what was claimed last: see
-- floors.rs. Apart, since the condition makes the planner expect fewer rows, and a plan that sorts them come closer.
UPDATE leasehold.job SET state = 1, fence = fence + 1, attempt = attempt + 1, claimed_by = $7,
    lease_expires_at = coalesce($1, statement_timestamp()) + $6 * interval '1 microsecond'
WHERE ctid = ANY (ARRAY(
    SELECT candidate.ctid
    FROM unnest($2::text[], $3::smallint[], $9::timestamptz[], $10::bigint[])
        AS level (queue, priority, run_at, id)
    CROSS JOIN LATERAL (
        SELECT job.ctid FROM leasehold.job
        WHERE job.queue = level.queue AND job.priority = level.priority AND job.state = 0
            AND (job.run_at, job.id) >= (level.run_at, level.id)
            AND job.run_at <= coalesce($1, statement_timestamp())
            AND coalesce(job.kind = ANY ($4::text[]), true)
        ORDER BY job.run_at, job.id LIMIT $5 FOR UPDATE SKIP LOCKED
    ) AS candidate
    WHERE $8 OR NOT EXISTS (SELECT FROM leasehold.queue WHERE name = ANY ($2) AND limited)
    LIMIT $5
))
RETURNING id, fence, lease_expires_at, queue, kind, priority, schema_version, content_type, payload,
    run_at, created_at, stage, attempt, ledger, max_attempts, tenant, ordering_key, subject, revision,
    headers, first_failure_at, flags

-- claim_lane
-- The first jobs of each of these tenants.
UPDATE leasehold.job SET state = 1, fence = fence + 1, attempt = attempt + 1, claimed_by = $8,
    lease_expires_at = $1 + $7 * interval '1 microsecond'
WHERE ctid = ANY (ARRAY(
    SELECT candidate.ctid
    FROM unnest($3::text[]) AS lane (tenant)
    CROSS JOIN LATERAL (
        SELECT first.ctid
        FROM unnest($4::smallint[]) AS level (priority)
        CROSS JOIN LATERAL (
            SELECT job.ctid FROM leasehold.job
            WHERE job.queue = $2 AND job.tenant = lane.tenant AND job.tenant IS NOT NULL
                AND job.priority = level.priority AND job.state = 0 AND job.run_at <= $1
                AND coalesce(job.kind = ANY ($5::text[]), true)
            ORDER BY job.run_at, job.id LIMIT $6 FOR UPDATE SKIP LOCKED
        ) AS first
        LIMIT $6
    ) AS candidate
))
RETURNING id, fence, lease_expires_at, queue, kind, priority, schema_version, content_type, payload,
    run_at, created_at, stage, attempt, ledger, max_attempts, tenant, ordering_key, subject, revision,
    headers, first_failure_at, flags

-- claim_untenanted
-- The first jobs without a tenant. This walks over the tenants' jobs that stand before them, all of
-- them if there is no job without tenant. An index of their own costs every queue for the few that
-- are fair: bulk inserts lose 27 %, single ones up to 20 %. Wrapped as in claim_ready.
UPDATE leasehold.job SET state = 1, fence = fence + 1, attempt = attempt + 1, claimed_by = $7,
    lease_expires_at = $1 + $6 * interval '1 microsecond'
WHERE ctid = ANY (ARRAY(
    SELECT candidate.ctid
    FROM unnest($3::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT job.ctid FROM leasehold.job
        WHERE job.queue = $2 AND coalesce(job.tenant IS NULL, false)
            AND job.priority = level.priority AND job.state = 0 AND job.run_at <= $1
            AND coalesce(job.kind = ANY ($4::text[]), true)
        ORDER BY job.run_at, job.id LIMIT $5 FOR UPDATE SKIP LOCKED
    ) AS candidate
    LIMIT $5
))
RETURNING id, fence, lease_expires_at, queue, kind, priority, schema_version, content_type, payload,
    run_at, created_at, stage, attempt, ledger, max_attempts, tenant, ordering_key, subject, revision,
    headers, first_failure_at, flags

-- claim_lanes
-- Tenants after one, by name, that have a job to run now: from one to the next by the index.
WITH RECURSIVE walk AS (
    (SELECT job.tenant FROM leasehold.job
    WHERE queue = $1 AND state = 0 AND tenant IS NOT NULL AND ($2::text IS NULL OR tenant > $2)
    ORDER BY tenant LIMIT 1)
    UNION ALL
    SELECT (SELECT job.tenant FROM leasehold.job
        WHERE queue = $1 AND state = 0 AND job.tenant IS NOT NULL AND job.tenant > walk.tenant
        ORDER BY job.tenant LIMIT 1)
    FROM walk WHERE walk.tenant IS NOT NULL
)
SELECT walk.tenant FROM walk
WHERE walk.tenant IS NOT NULL AND EXISTS (
    SELECT FROM unnest($5::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT FROM leasehold.job
        WHERE queue = $1 AND job.tenant = walk.tenant AND job.tenant IS NOT NULL AND state = 0
            AND job.priority = level.priority AND run_at <= $3 AND ($4::text[] IS NULL OR kind = ANY ($4))
        LIMIT 1
    ) AS one
)
LIMIT $6

-- claim_limits
-- Whether any of these queues has limits.
SELECT EXISTS (SELECT FROM leasehold.queue WHERE name = ANY ($1) AND limited)

-- claim_stages
SELECT job, stage, schema_version, content_type, output FROM leasehold.stage_output
WHERE job = ANY ($1) ORDER BY job, stage
