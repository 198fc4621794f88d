-- settle_finish
-- Plain jobs (flags 0) go to history in one statement. By id and fence, not by address: racing a
-- renewal, an address would report a valid lease as lost. No join that could change its plan: the
-- ids are sorted, so that width_bucket finds each one's place. The test of expiry is wrapped so that
-- no index can be made of it: the one on leases would scan everything that runs. Waits in no order,
-- which is well: whoever else wants a job under the same lease never waits while it holds another.
WITH done AS (
    DELETE FROM leasehold.job
    WHERE id = ANY ($1::bigint[]) AND state = 1 AND flags = 0
        AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
        AND coalesce((lease_expires_at > coalesce($3, statement_timestamp())) = $4, false)
    RETURNING *
)
INSERT INTO leasehold.history (id, fence, run_at, created_at, finished_at, revision, first_failure_at,
    last_failure_at, schema_version, result_version, attempt, max_attempts, state, priority, queue, kind,
    content_type, stage, ledger, tenant, ordering_key, subject, headers, error_class, error_text, payload,
    result_type, result)
SELECT id, fence, run_at, created_at, coalesce($3, statement_timestamp()), revision, first_failure_at,
    last_failure_at, schema_version, ($5::bigint[])[width_bucket(id, $1::bigint[])], attempt,
    max_attempts, 4, priority, queue, kind,
    content_type, stage, ledger, tenant, ordering_key, subject, headers, error_class, error_text, payload,
    ($6::text[])[width_bucket(id, $1::bigint[])], ($7::bytea[])[width_bucket(id, $1::bigint[])]
FROM done
RETURNING id

-- settle_requeue
-- $12: flags that a job must not have for this. A NULL error class is no failure. Never waits: an update
-- takes its rows in the order of its plan, which is not by id, and several processes sweep the same
-- leases; two would each wait for what the other has. What another holds is left to the careful way,
-- and so is what changed since the statement began, whose address is not seen.
UPDATE leasehold.job SET state = 0, lease_expires_at = NULL, claimed_by = NULL,
    run_at = greatest(($5::timestamptz[])[width_bucket(id, $1::bigint[])], coalesce($3, statement_timestamp()))
        + ($6::bigint[])[width_bucket(id, $1::bigint[])] * interval '1 microsecond',
    stage = ($7::text[])[width_bucket(id, $1::bigint[])],
    attempt = ($8::integer[])[width_bucket(id, $1::bigint[])],
    ledger = ($9::text[])[width_bucket(id, $1::bigint[])],
    first_failure_at = CASE WHEN ($10::text[])[width_bucket(id, $1::bigint[])] IS NULL
        THEN first_failure_at ELSE coalesce(first_failure_at, $3, statement_timestamp()) END,
    last_failure_at = CASE WHEN ($10::text[])[width_bucket(id, $1::bigint[])] IS NULL
        THEN last_failure_at ELSE coalesce($3, statement_timestamp()) END,
    error_class = coalesce(($10::text[])[width_bucket(id, $1::bigint[])], error_class),
    error_text = coalesce(($11::text[])[width_bucket(id, $1::bigint[])], error_text)
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM leasehold.job
    WHERE id = ANY ($1::bigint[]) AND state = 1 AND flags & $12 = 0
        AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
        AND coalesce((lease_expires_at > coalesce($3, statement_timestamp())) = $4, false)
    FOR UPDATE SKIP LOCKED
))
RETURNING id

-- settle_requeue_one
UPDATE leasehold.job SET state = 0, lease_expires_at = NULL, claimed_by = NULL, run_at = $3,
    stage = $4, attempt = $5, ledger = $6,
    first_failure_at = CASE WHEN $7::text IS NULL THEN first_failure_at ELSE coalesce(first_failure_at, $2) END,
    last_failure_at = CASE WHEN $7::text IS NULL THEN last_failure_at ELSE $2 END,
    error_class = coalesce($7, error_class), error_text = coalesce($8, error_text)
WHERE id = $1

-- settle_lock
SELECT id, fence, state, flags, lease_expires_at, queue, kind, ordering_key, subject, revision
FROM leasehold.job WHERE id = ANY ($1) ORDER BY id FOR UPDATE

-- settle_lock_held
-- Only what runs under these leases is waited for. A lease that is not the job's last one is lost for
-- good: waiting for the row would be in the way of its holder, who may wait for one of ours.
SELECT id, fence, state, flags, lease_expires_at, queue, kind, ordering_key, subject, revision
FROM leasehold.job
WHERE id = ANY ($1::bigint[]) AND state = 1 AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
ORDER BY id FOR UPDATE

-- settle_lock_expired
-- For those who put back what others left: they wait for nobody. What is locked has somebody who sees
-- to it, or is found by the next sweep.
SELECT id, fence, state, flags, lease_expires_at, queue, kind, ordering_key, subject, revision
FROM leasehold.job
WHERE id = ANY ($1::bigint[]) AND state = 1 AND fence = ($2::bigint[])[width_bucket(id, $1::bigint[])]
ORDER BY id FOR UPDATE SKIP LOCKED

-- settle_archive
-- A result that is there already (of a job that awaited its delivery) stays, unless a new one comes.
WITH gone AS (DELETE FROM leasehold.job WHERE id = $1 RETURNING *)
INSERT INTO leasehold.history (id, fence, run_at, created_at, finished_at, revision, first_failure_at,
    last_failure_at, schema_version, result_version, attempt, max_attempts, state, priority, queue, kind,
    content_type, stage, ledger, tenant, ordering_key, subject, headers, error_class, error_text, payload,
    result_type, result)
SELECT id, fence, run_at, created_at, $2, revision, first_failure_at,
    last_failure_at, schema_version, CASE WHEN $6::bytea IS NULL THEN result_version ELSE $4 END, attempt,
    max_attempts, $3, priority, queue, kind,
    content_type, stage, ledger, tenant, ordering_key, subject, headers, error_class, error_text, payload,
    CASE WHEN $6::bytea IS NULL THEN result_type ELSE $5 END, coalesce($6, result)
FROM gone

-- settle_await
UPDATE leasehold.job SET state = 3, lease_expires_at = NULL, claimed_by = NULL,
    result_version = $2, result_type = $3, result = $4
WHERE id = $1

-- settle_require
INSERT INTO leasehold.requirement (job, notification) SELECT $1, unnest($2::bigint[])

-- settle_succeeded
INSERT INTO leasehold.subject AS known (kind, subject, job, revision, succeeded_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, subject) DO UPDATE
SET job = excluded.job, revision = excluded.revision, succeeded_at = excluded.succeeded_at
WHERE excluded.revision >= known.revision

-- settle_drop_stages
DELETE FROM leasehold.stage_output WHERE job = ANY ($1)

-- settle_drop_report
DELETE FROM leasehold.report WHERE job = $1

-- settle_close_letter
-- The job of a letter in replaying came to its end.
UPDATE leasehold.dead_letter
SET letter_state = $2, version = version + 1, changed_at = $3, note = $4
WHERE id = $1 AND letter_state = 1

-- settle_letter
SELECT error_class FROM leasehold.dead_letter WHERE id = $1 FOR UPDATE

-- settle_bury
WITH gone AS (DELETE FROM leasehold.job WHERE id = $1 RETURNING *)
INSERT INTO leasehold.dead_letter AS letter (id, version, died_at, changed_at, fence, run_at,
    created_at, revision, first_failure_at, last_failure_at, schema_version, attempt, max_attempts,
    deaths, replays, letter_state, priority, holds_job, queue, kind, content_type, stage, ledger,
    tenant, ordering_key, subject, headers, error_class, error_text, payload, reason)
SELECT id, 1, $2, $2, fence, run_at, created_at, revision, coalesce(first_failure_at, $2), $2,
    schema_version, $4, max_attempts, 1, 0, $3, priority, true, queue, kind, content_type, $5, $6,
    tenant, ordering_key, subject, headers, $7, $8, payload, $9
FROM gone
ON CONFLICT (id) DO UPDATE SET version = letter.version + 1, died_at = excluded.died_at,
    changed_at = excluded.changed_at, fence = excluded.fence, run_at = excluded.run_at,
    first_failure_at = excluded.first_failure_at, last_failure_at = excluded.last_failure_at,
    attempt = excluded.attempt, deaths = letter.deaths + 1, letter_state = excluded.letter_state,
    holds_job = true, stage = excluded.stage, ledger = excluded.ledger,
    error_class = excluded.error_class, error_text = excluded.error_text,
    reason = excluded.reason
