-- view_live
SELECT x.id, x.state, x.flags, b.queue, b.kind, b.priority, b.schema_version, b.content_type,
  b.payload, x.fence, p.stage, x.attempt, p.ledger, b.max_attempts, b.created_at, x.run_at,
  x.claimed_by, x.lease_expires_at, b.tenant, b.ordering_key, b.subject, b.revision, b.headers,
  p.report_percent, p.report_note, p.error_class, p.error_text, p.first_failure_at,
  p.last_failure_at, NULL, r.schema_version, r.content_type, r.result
FROM leasehold_job x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
LEFT JOIN leasehold_result r ON r.job = x.id
WHERE x.id = ?1

-- view_live_page
SELECT x.id, x.state, x.flags, b.queue, b.kind, b.priority, b.schema_version, b.content_type,
  b.payload, x.fence, p.stage, x.attempt, p.ledger, b.max_attempts, b.created_at, x.run_at,
  x.claimed_by, x.lease_expires_at, b.tenant, b.ordering_key, b.subject, b.revision, b.headers,
  p.report_percent, p.report_note, p.error_class, p.error_text, p.first_failure_at,
  p.last_failure_at, NULL, r.schema_version, r.content_type, r.result
FROM leasehold_job x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
LEFT JOIN leasehold_result r ON r.job = x.id
WHERE x.id > ?1 ORDER BY x.id LIMIT ?2

-- view_history
SELECT x.id, x.state, 0, b.queue, b.kind, b.priority, b.schema_version, b.content_type,
  b.payload, x.fence, p.stage, x.attempt, p.ledger, b.max_attempts, b.created_at, x.run_at,
  NULL, NULL, b.tenant, b.ordering_key, b.subject, b.revision, b.headers,
  NULL, NULL, p.error_class, p.error_text, p.first_failure_at, p.last_failure_at,
  x.finished_at, x.result_version, x.result_type, x.result
FROM leasehold_history x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
WHERE x.id = ?1

-- view_dead
SELECT x.id, 6, 0, b.queue, b.kind, b.priority, b.schema_version, b.content_type,
  b.payload, x.fence, p.stage, x.attempt, p.ledger, b.max_attempts, b.created_at, x.run_at,
  NULL, NULL, b.tenant, b.ordering_key, b.subject, b.revision, b.headers,
  NULL, NULL, p.error_class, p.error_text, p.first_failure_at, p.last_failure_at,
  x.died_at, NULL, NULL, NULL
FROM leasehold_dead_letter x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
WHERE x.id = ?1 AND x.holds_job = 1
