-- claim_take
UPDATE leasehold_job
SET state = 1, fence = fence + 1, attempt = attempt + 1, lease_expires_at = ?2, claimed_by = ?3
WHERE id = ?1
RETURNING fence, flags, priority, run_at, created_at, max_attempts, schema_version, content_type,
  payload, stage, attempt, ledger, tenant, ordering_key, subject, revision, headers,
  first_failure_at

-- claim_stages
SELECT stage, schema_version, content_type, output FROM leasehold_stage WHERE job = ?1
ORDER BY stage
