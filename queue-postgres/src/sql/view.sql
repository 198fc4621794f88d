-- view_live
SELECT id, state, flags, queue, kind, priority, schema_version, content_type, payload, fence,
    stage, attempt, ledger, max_attempts, created_at, run_at, claimed_by, lease_expires_at,
    tenant, ordering_key, subject, revision, headers,
    (SELECT percent FROM leasehold.report WHERE report.job = job.id),
    (SELECT note FROM leasehold.report WHERE report.job = job.id), error_class, error_text, first_failure_at, last_failure_at,
    NULL::timestamptz, result_version, result_type, result
FROM leasehold.job WHERE id = ANY ($1)

-- view_live_page
SELECT id, state, flags, queue, kind, priority, schema_version, content_type, payload, fence,
    stage, attempt, ledger, max_attempts, created_at, run_at, claimed_by, lease_expires_at,
    tenant, ordering_key, subject, revision, headers,
    (SELECT percent FROM leasehold.report WHERE report.job = job.id),
    (SELECT note FROM leasehold.report WHERE report.job = job.id), error_class, error_text, first_failure_at, last_failure_at,
    NULL::timestamptz, result_version, result_type, result
FROM leasehold.job WHERE id > $1 ORDER BY id LIMIT $2

-- view_history
SELECT id, state, 0::smallint, queue, kind, priority, schema_version, content_type, payload, fence,
    stage, attempt, ledger, max_attempts, created_at, run_at, NULL::text, NULL::timestamptz,
    tenant, ordering_key, subject, revision, headers,
    NULL::smallint, NULL::text, error_class, error_text, first_failure_at, last_failure_at,
    finished_at, result_version, result_type, result
FROM leasehold.history WHERE id = ANY ($1)

-- view_dead
SELECT id, 6::smallint, 0::smallint, queue, kind, priority, schema_version, content_type, payload, fence,
    stage, attempt, ledger, max_attempts, created_at, run_at, NULL::text, NULL::timestamptz,
    tenant, ordering_key, subject, revision, headers,
    NULL::smallint, NULL::text, error_class, error_text, first_failure_at, last_failure_at,
    died_at, NULL::bigint, NULL::text, NULL::bytea
FROM leasehold.dead_letter WHERE id = ANY ($1)
