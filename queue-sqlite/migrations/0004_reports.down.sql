DROP VIEW leasehold_jobs;
ALTER TABLE leasehold_progress DROP COLUMN report_note;
ALTER TABLE leasehold_progress DROP COLUMN report_percent;

CREATE VIEW leasehold_jobs AS
SELECT x.id, CASE x.state WHEN 1 THEN 'running' WHEN 3 THEN 'awaiting_delivery' ELSE 'queued' END AS state,
  b.queue, b.kind, b.priority, x.fence, x.attempt, b.max_attempts, p.stage,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.run_at / 1000000.0, 'unixepoch') AS run_at,
  x.state = 2 AS waits_for_turn, x.flags & 1 AS cancel_requested, x.claimed_by AS claimed_by,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.lease_expires_at / 1000000.0, 'unixepoch') AS lease_expires_at,
  NULL AS finished_at,
  b.tenant, b.ordering_key, b.subject, b.revision, b.headers, p.error_class, p.error_text,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.first_failure_at / 1000000.0, 'unixepoch') AS first_failure_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.last_failure_at / 1000000.0, 'unixepoch') AS last_failure_at,
  coalesce(b.content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(b.content_type, '/json') LIKE '%/json%' OR b.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(b.payload AS TEXT)) THEN CAST(b.payload AS TEXT) END END AS payload,
  CASE WHEN coalesce(r.content_type, '/json') LIKE '%/json%' OR r.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(r.result AS TEXT)) THEN CAST(r.result AS TEXT) END END AS result
FROM leasehold_job x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
LEFT JOIN leasehold_result r ON r.job = x.id
UNION ALL
SELECT x.id, CASE x.state WHEN 4 THEN 'succeeded' ELSE 'cancelled' END AS state,
  b.queue, b.kind, b.priority, x.fence, x.attempt, b.max_attempts, p.stage,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.run_at / 1000000.0, 'unixepoch') AS run_at,
  0 AS waits_for_turn, 0 AS cancel_requested, NULL AS claimed_by,
  NULL AS lease_expires_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.finished_at / 1000000.0, 'unixepoch') AS finished_at,
  b.tenant, b.ordering_key, b.subject, b.revision, b.headers, p.error_class, p.error_text,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.first_failure_at / 1000000.0, 'unixepoch') AS first_failure_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.last_failure_at / 1000000.0, 'unixepoch') AS last_failure_at,
  coalesce(b.content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(b.content_type, '/json') LIKE '%/json%' OR b.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(b.payload AS TEXT)) THEN CAST(b.payload AS TEXT) END END AS payload,
  CASE WHEN coalesce(x.result_type, '/json') LIKE '%/json%' OR x.result_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(x.result AS TEXT)) THEN CAST(x.result AS TEXT) END END AS result
FROM leasehold_history x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
UNION ALL
SELECT x.id, 'dead' AS state,
  b.queue, b.kind, b.priority, x.fence, x.attempt, b.max_attempts, p.stage,
  strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.run_at / 1000000.0, 'unixepoch') AS run_at,
  0 AS waits_for_turn, 0 AS cancel_requested, NULL AS claimed_by,
  NULL AS lease_expires_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', x.died_at / 1000000.0, 'unixepoch') AS finished_at,
  b.tenant, b.ordering_key, b.subject, b.revision, b.headers, p.error_class, p.error_text,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.first_failure_at / 1000000.0, 'unixepoch') AS first_failure_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.last_failure_at / 1000000.0, 'unixepoch') AS last_failure_at,
  coalesce(b.content_type, 'application/json') AS content_type,
  CASE WHEN coalesce(b.content_type, '/json') LIKE '%/json%' OR b.content_type LIKE '%+json%'
    THEN CASE WHEN json_valid(CAST(b.payload AS TEXT)) THEN CAST(b.payload AS TEXT) END END AS payload,
  NULL AS result
FROM leasehold_dead_letter x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
WHERE x.holds_job = 1;
