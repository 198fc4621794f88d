-- view_live
SELECT j.id, j.state, j.flags, j.queue, j.kind, j.priority, j.schema_version, j.content_type,
  j.payload, j.fence, p.stage, j.attempt, p.ledger, j.max_attempts, j.created_at, j.run_at,
  j.claimed_by, j.lease_expires_at, j.tenant, j.ordering_key, j.subject, j.revision, j.headers,
  p.error_class, p.error_text, p.first_failure_at, p.last_failure_at,
  NULL, r.schema_version, r.content_type, r.result
FROM leasehold_job j
LEFT JOIN leasehold_progress p ON p.job = j.id
LEFT JOIN leasehold_result r ON r.job = j.id
WHERE j.id = ?1

-- view_live_page
SELECT j.id, j.state, j.flags, j.queue, j.kind, j.priority, j.schema_version, j.content_type,
  j.payload, j.fence, p.stage, j.attempt, p.ledger, j.max_attempts, j.created_at, j.run_at,
  j.claimed_by, j.lease_expires_at, j.tenant, j.ordering_key, j.subject, j.revision, j.headers,
  p.error_class, p.error_text, p.first_failure_at, p.last_failure_at,
  NULL, r.schema_version, r.content_type, r.result
FROM leasehold_job j
LEFT JOIN leasehold_progress p ON p.job = j.id
LEFT JOIN leasehold_result r ON r.job = j.id
WHERE j.id > ?1 ORDER BY j.id LIMIT ?2

-- view_history
SELECT id, state, 0, queue, kind, priority, schema_version, content_type, payload, fence,
  stage, attempt, ledger, max_attempts, created_at, run_at, NULL, NULL,
  tenant, ordering_key, subject, revision, headers,
  error_class, error_text, first_failure_at, last_failure_at,
  finished_at, result_version, result_type, result
FROM leasehold_history WHERE id = ?1

-- view_dead
SELECT id, 6, 0, queue, kind, priority, schema_version, content_type, payload, fence,
  stage, attempt, ledger, max_attempts, created_at, run_at, NULL, NULL,
  tenant, ordering_key, subject, revision, headers,
  error_class, error_text, first_failure_at, last_failure_at,
  died_at, NULL, NULL, NULL
FROM leasehold_dead_letter WHERE id = ?1 AND holds_job = 1
