-- claim_read
SELECT j.fence, j.flags, j.attempt, j.run_at, b.priority, b.created_at, b.max_attempts,
  b.schema_version, b.content_type, b.payload, b.tenant, b.ordering_key, b.subject, b.revision,
  b.headers
FROM leasehold_job j JOIN leasehold_body b ON b.id = j.id WHERE j.id = ?1

-- claim_take
-- Not RETURNING instead of claim_read: it costs an ephemeral table and a statement journal per row.
UPDATE leasehold_job
SET state = 1, fence = ?2, attempt = ?3, lease_expires_at = ?4, claimed_by = ?5
WHERE id = ?1

-- claim_stages
SELECT stage, schema_version, content_type, output FROM leasehold_stage WHERE job = ?1
ORDER BY stage
