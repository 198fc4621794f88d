DROP VIEW leasehold.jobs;
DROP TABLE leasehold.report;

CREATE VIEW leasehold.jobs AS
SELECT id, CASE state WHEN 1 THEN 'running' WHEN 3 THEN 'awaiting_delivery' ELSE 'queued' END AS state,
    queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    state = 2 AS waits_for_turn, flags & 1 = 1 AS cancel_requested, claimed_by, lease_expires_at,
    NULL::timestamptz AS finished_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL) AS headers, error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json') AS content_type,
    leasehold.payload_as_json(payload, content_type) AS payload,
    leasehold.payload_as_json(result, result_type) AS result
FROM leasehold.job
UNION ALL
SELECT id, CASE state WHEN 4 THEN 'succeeded' ELSE 'cancelled' END,
    queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    false, false, NULL, NULL, finished_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL), error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json'), leasehold.payload_as_json(payload, content_type),
    leasehold.payload_as_json(result, result_type)
FROM leasehold.history
UNION ALL
SELECT id, 'dead', queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    false, false, NULL, NULL, died_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL), error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json'), leasehold.payload_as_json(payload, content_type), NULL
FROM leasehold.dead_letter WHERE holds_job;
