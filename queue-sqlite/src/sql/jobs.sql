-- jobs_end
-- Where a page that begins after an id has looked at enough.
SELECT max(id), count(*) FROM (SELECT id FROM leasehold_job WHERE id > ?1 ORDER BY id LIMIT ?2)

-- jobs_page
SELECT x.id, x.state, x.flags, b.queue, b.kind, b.priority, b.schema_version, b.content_type,
  b.payload, x.fence, p.stage, x.attempt, p.ledger, b.max_attempts, b.created_at, x.run_at,
  x.claimed_by, x.lease_expires_at, b.tenant, b.ordering_key, b.subject, b.revision, b.headers,
  p.report_percent, p.report_note, p.error_class, p.error_text, p.first_failure_at,
  p.last_failure_at, NULL, r.schema_version, r.content_type, r.result
FROM leasehold_job x JOIN leasehold_body b ON b.id = x.id
LEFT JOIN leasehold_progress p ON p.job = x.id
LEFT JOIN leasehold_result r ON r.job = x.id
WHERE x.id > ?1 AND x.id <= ?2 AND (1 << x.state) & ?3 <> 0
  -- A term of its own keeps the walk on the table: by an index it would come out of order.
  AND (?4 IS NULL OR +x.queue = ?4) AND (?5 IS NULL OR +x.kind = ?5)
  AND (?6 IS NULL OR +x.tenant = ?6) AND (?8 IS NULL OR b.created_at >= ?8)
  AND (?9 IS NULL OR b.created_at < ?9) AND (?10 IS NULL OR instr(lower(p.error_text), ?10) > 0)
ORDER BY x.id LIMIT ?7

-- jobs_priority
SELECT priority FROM leasehold_job WHERE id = ?1

-- jobs_hasten
UPDATE leasehold_job SET run_at = ?2, state = ?3 WHERE id = ?1
