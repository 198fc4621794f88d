-- claim_take
-- OR FAIL: one row needs no journal of its own, which the default conflict rule would keep for
-- RETURNING (measured: it is a third of a drain).
UPDATE OR FAIL leasehold_job
SET state = 1, fence = fence + 1, attempt = attempt + 1, lease_expires_at = ?2, claimed_by = ?3
WHERE id = ?1
RETURNING fence, flags, priority, run_at, created_at, max_attempts, schema_version, content_type,
  payload, stage, attempt, ledger, tenant, ordering_key, subject, revision, headers,
  first_failure_at

-- claim_stages
SELECT stage, schema_version, content_type, output FROM leasehold_stage WHERE job = ?1
ORDER BY stage
