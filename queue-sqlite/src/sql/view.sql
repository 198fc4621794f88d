-- view_live
SELECT id, state, flags, queue, kind, priority, schema_version, content_type, payload, fence,
  stage, attempt, ledger, max_attempts, created_at, run_at, claimed_by, lease_expires_at,
  tenant, ordering_key, subject, revision, headers,
  error_class, error_text, first_failure_at, last_failure_at,
  NULL, result_version, result_type, result
FROM leasehold_job WHERE id = ?1

-- view_live_page
SELECT id, state, flags, queue, kind, priority, schema_version, content_type, payload, fence,
  stage, attempt, ledger, max_attempts, created_at, run_at, claimed_by, lease_expires_at,
  tenant, ordering_key, subject, revision, headers,
  error_class, error_text, first_failure_at, last_failure_at,
  NULL, result_version, result_type, result
FROM leasehold_job WHERE id > ?1 ORDER BY id LIMIT ?2

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
