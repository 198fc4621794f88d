-- How far running jobs are, in their own words. Beside the jobs and not among their columns: a wider row,
-- were the rest of it NULL, made the planner read all of an empty table's index where keys are looked
-- up. Flag 32 of a job says that there is a row, and ends with it when the job leaves the live ones.
CREATE TABLE leasehold.report (
    job bigint PRIMARY KEY,
    percent smallint,
    note text COLLATE "C"
);

CREATE OR REPLACE VIEW leasehold.jobs AS
SELECT id, CASE state WHEN 1 THEN 'running' WHEN 3 THEN 'awaiting_delivery' ELSE 'queued' END AS state,
    queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    state = 2 AS waits_for_turn, flags & 1 = 1 AS cancel_requested, claimed_by, lease_expires_at,
    NULL::timestamptz AS finished_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL) AS headers, error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json') AS content_type,
    leasehold.payload_as_json(payload, content_type) AS payload,
    leasehold.payload_as_json(result, result_type) AS result,
    report.percent AS report_percent, report.note AS report_note
FROM leasehold.job LEFT JOIN leasehold.report ON report.job = job.id
UNION ALL
SELECT id, CASE state WHEN 4 THEN 'succeeded' ELSE 'cancelled' END,
    queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    false, false, NULL, NULL, finished_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL), error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json'), leasehold.payload_as_json(payload, content_type),
    leasehold.payload_as_json(result, result_type), NULL, NULL
FROM leasehold.history
UNION ALL
SELECT id, 'dead', queue, kind, priority, fence, attempt, max_attempts, stage, created_at, run_at,
    false, false, NULL, NULL, died_at, tenant, ordering_key, subject, revision,
    leasehold.payload_as_json(convert_to(headers, 'UTF8'), NULL), error_class, error_text, first_failure_at, last_failure_at,
    coalesce(content_type, 'application/json'), leasehold.payload_as_json(payload, content_type), NULL,
    NULL, NULL
FROM leasehold.dead_letter WHERE holds_job;
