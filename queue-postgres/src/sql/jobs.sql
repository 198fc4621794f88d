-- jobs_end
-- Where a page that begins after an id has looked at enough.
SELECT max(id), count(*) FROM (
    SELECT id FROM leasehold.job WHERE id > $1 ORDER BY id LIMIT $2
) AS walked

-- jobs_page
SELECT id, state, flags, queue, kind, priority, schema_version, content_type, payload, fence,
    stage, attempt, ledger, max_attempts, created_at, run_at, claimed_by, lease_expires_at,
    tenant, ordering_key, subject, revision, headers,
    (SELECT percent FROM leasehold.report WHERE report.job = job.id),
    (SELECT note FROM leasehold.report WHERE report.job = job.id), error_class, error_text,
    first_failure_at, last_failure_at, NULL::timestamptz, result_version, result_type, result
FROM leasehold.job
WHERE id > $1 AND id <= $2 AND (1 << state) & $3 <> 0
    AND ($4::text IS NULL OR queue = $4) AND ($5::text IS NULL OR kind = $5)
    AND ($6::text IS NULL OR tenant = $6) AND ($8::timestamptz IS NULL OR created_at >= $8)
    AND ($9::timestamptz IS NULL OR created_at < $9)
    AND ($10::text IS NULL OR position($10 IN lower(error_text)) > 0)
ORDER BY id LIMIT $7

-- jobs_run_at
SELECT run_at FROM leasehold.job WHERE id = $1

-- jobs_hasten
UPDATE leasehold.job SET run_at = $2, state = $3 WHERE id = $1
